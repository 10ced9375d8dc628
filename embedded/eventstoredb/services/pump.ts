import type { Call } from '../grpc/call.ts'

/** Events in one page. */
export const pageSize = 128
const stepsPerTurn = 8

/**
 * Drives a call that sends page after page. Nothing is produced while the client is slow, so nothing piles up:
 * where a reader stands is a cursor in the log, not a buffer. Others get their turn every few pages.
 */
export class Pump {
  readonly #call: Call
  readonly #step: () => boolean
  #state: 'idle' | 'running' | 'waiting' = 'idle'

  /** `step` sends one page and says whether there may be more at once. */
  constructor(call: Call, step: () => boolean) {
    this.#call = call
    this.#step = step
    call.onDrain(() => {
      if (this.#state === 'waiting') this.#run()
    })
  }

  wake(): void {
    if (this.#state === 'idle') this.#run()
  }

  readonly #run = (): void => {
    this.#state = 'running'
    for (let steps = 0; !this.#call.ended; steps += 1) {
      if (this.#call.congested) {
        this.#state = 'waiting'
        return
      }
      if (steps === stepsPerTurn) {
        setImmediate(this.#run)
        return
      }
      if (!this.#step()) {
        this.#state = 'idle'
        return
      }
      this.#call.flush()
    }
  }
}
