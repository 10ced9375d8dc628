import type { EventLog } from '../log/event-log.ts'

/** More requests than this don't wait: they are answered with what there is. */
const maxWaiting = 10_000

type Wake = () => void

/** Requests that wait for something to come, and are woken only by commits that concern them. */
export class Waiting {
  readonly #log: Pick<EventLog, 'onCommit'>
  readonly #byStream = new Map<string, Set<Wake>>()
  readonly #forAny = new Set<Wake>()
  #count = 0
  #stopListening: (() => void) | undefined

  constructor(log: Pick<EventLog, 'onCommit'>) {
    this.#log = log
  }

  /**
   * Resolves with true once something was written to the stream (to any, for undefined), with false when the
   * time is up or nobody wants to know any more.
   */
  forChange(stream: string | undefined, ms: number, gone: AbortSignal): Promise<boolean> {
    if (ms <= 0 || gone.aborted || this.#count >= maxWaiting) return Promise.resolve(false)
    return new Promise((resolve) => {
      const settle = (changed: boolean): void => {
        clearTimeout(timer)
        gone.removeEventListener('abort', giveUp)
        this.#remove(stream, wake)
        resolve(changed)
      }
      const wake = (): void => settle(true)
      const giveUp = (): void => settle(false)
      const timer = setTimeout(giveUp, ms)
      gone.addEventListener('abort', giveUp)
      this.#add(stream, wake)
    })
  }

  #add(stream: string | undefined, wake: Wake): void {
    this.#count += 1
    if (stream === undefined) this.#forAny.add(wake)
    else {
      const waiting = this.#byStream.get(stream)
      if (waiting === undefined) this.#byStream.set(stream, new Set([wake]))
      else waiting.add(wake)
    }
    this.#stopListening ??= this.#log.onCommit((records) => {
      const woken = new Set(this.#forAny)
      for (const record of records) {
        for (const wake of this.#byStream.get(record.stream) ?? []) woken.add(wake)
      }
      for (const wake of woken) wake()
    })
  }

  #remove(stream: string | undefined, wake: Wake): void {
    this.#count -= 1
    if (stream === undefined) this.#forAny.delete(wake)
    else {
      const waiting = this.#byStream.get(stream)
      waiting?.delete(wake)
      if (waiting?.size === 0) this.#byStream.delete(stream)
    }
    if (this.#count > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
  }
}
