import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { liveQueue } from './queue.ts'
import { seam } from './seam.ts'

interface Update {
  readonly revision: number
}
const upTo = (count: number): Update[] => Array.from({ length: count }, (_, revision) => ({ revision }))

/**
 * A story of statuses, of which a subscriber registers at some point, the document is read at a later one, and
 * all after the registration comes live — perhaps again, as after a lost connection.
 */
const story = fc
  .record({ length: fc.integer({ min: 1, max: 12 }), ends: fc.boolean() })
  .chain(({ length, ends }) =>
    fc.record({
      length: fc.constant(length),
      ends: fc.constant(ends),
      registered: fc.integer({ min: 0, max: length }),
      ahead: fc.integer({ min: 0, max: length }),
      deliveredBeforeOpen: fc.integer({ min: 0, max: length }),
      after: fc.option(fc.integer({ min: -1, max: length + 1 }), { nil: undefined }),
      again: fc.integer({ min: 0, max: 3 }),
    }),
  )

/** All that is in a queue, without waiting for more: an open and empty one never answers. */
const take = async (queue: AsyncIterableIterator<number, undefined>) => {
  const seen: number[] = []
  for (;;) {
    const next = await Promise.race([queue.next(), Promise.resolve().then(() => undefined)])
    if (!next || next.done) return { seen, ended: next?.done === true }
    seen.push(next.value)
  }
}

const play = async ({
  length,
  ends,
  registered,
  ahead,
  deliveredBeforeOpen,
  after,
  again,
}: {
  length: number
  ends: boolean
  registered: number
  ahead: number
  deliveredBeforeOpen: number
  after: number | undefined
  again: number
}) => {
  const all = upTo(length)
  const isLast = ({ revision }: Update) => ends && revision === length - 1
  const queue = liveQueue<number>({ limit: 100, onClose: () => undefined })
  const joined = seam<Update, number>(queue, { limit: 100, show: ({ revision }) => revision, isLast })

  // Whatever was before the registration is in the document; it may know more by the time it is read.
  const live = all.slice(Math.max(0, registered - again))
  const document = all.slice(0, Math.max(1, Math.min(length, registered + ahead)))
  for (const update of live.slice(0, deliveredBeforeOpen)) joined.live.push(update)
  const latest = document.at(-1)
  const read = after === undefined ? document.slice(-1) : document
  joined.open(read, after ?? -1, latest !== undefined && isLast(latest))
  for (const update of live.slice(deliveredBeforeOpen)) joined.live.push(update)

  const taken = await take(queue)
  const from = after === undefined ? (latest?.revision ?? 0) : after + 1
  return { ...taken, expected: all.map(({ revision }) => revision).filter((r) => r >= from) }
}

describe('where a document meets the live updates', () => {
  it('each status is shown once, in order, without a gap, however the two interleave', () =>
    fc.assert(
      fc.asyncProperty(story, async (told) => {
        const { seen, ended, expected } = await play(told)
        expect(seen).toEqual(expected)
        expect(ended).toBe(told.ends)
      }),
      { numRuns: 2_000 },
    ))

  it('a subscriber for whom too much is held back is ended', async () => {
    const queue = liveQueue<number>({ limit: 2, onClose: () => undefined })
    const { live } = seam<Update, number>(queue, {
      limit: 2,
      show: ({ revision }) => revision,
      isLast: () => false,
    })
    for (const update of upTo(3)) live.push(update)
    await expect(queue.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
