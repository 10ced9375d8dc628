import { tooSlow } from './queue.ts'
import type { Sink } from '../service/topic.ts'
import type { LiveQueue } from './queue.ts'

/** Anything whose order is told by a revision that grows. */
export interface Versioned {
  readonly revision: number
}

export interface Seam<U> {
  /** Where the live updates go in, from the moment of registration. */
  readonly live: Sink<U>
  /**
   * Joins what was read with what came live meanwhile: first `read`, then all that is newer. Nothing at or
   * below revision `after` is shown. `over`: what was read is the end of the story.
   */
  readonly open: (read: readonly U[], after: number, over: boolean) => void
}

/**
 * Where a document that was read meets the live updates. Updates are held back until the document is read;
 * then each revision passes once, in order, whichever of the two brought it.
 */
export const seam = <U extends Versioned, T>(
  queue: LiveQueue<T>,
  {
    limit,
    show,
    isLast,
  }: {
    readonly limit: number
    readonly show: (update: U) => T
    /** True for an update after which there can be no other. */
    readonly isLast: (update: U) => boolean
  },
): Seam<U> => {
  let held: U[] | undefined = []
  let shown = -1

  const pass = (update: U) => {
    if (update.revision > shown) {
      shown = update.revision
      queue.push(show(update))
    }
    // Also where it need not be shown: a subscriber may come back after it has seen the end.
    if (isLast(update)) queue.end()
  }

  return {
    live: {
      push: (update) => {
        if (!held) pass(update)
        else if (held.length < limit) held.push(update)
        else queue.fail(tooSlow())
      },
      fail: (error) => queue.fail(error),
    },
    open: (read, after, over) => {
      shown = after
      const waiting = held ?? []
      held = undefined
      for (const update of read) pass(update)
      for (const update of waiting) pass(update)
      if (over) queue.end()
    },
  }
}
