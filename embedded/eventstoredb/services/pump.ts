import type { Call } from '../grpc/call.ts'

/** Events that are looked up at once. */
export const pageSize = 128
/** Bytes that one step sends: what a client that stops reading leaves in memory is little more than this. */
const stepBytes = 64 * 1024
const stepsPerTurn = 8
/** Events that may wait for the client of a live subscription before it has to catch up again. */
export const liveBuffer = 32

/**
 * Drives a call that sends page after page. Nothing is produced while the client is slow, so nothing piles up:
 * where a reader stands is a cursor in the log, not a buffer. Others get their turn every few pages.
 */
export class Pump {
  readonly #call: Call
  readonly #step: () => boolean
  #state: 'idle' | 'running' | 'waiting' = 'idle'
  #sent = 0

  /** `step` sends one page, or what of it there is room for, and says whether there may be more at once. */
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

  /** Sends, and says whether there is room for more in this step. */
  send(frame: Buffer): boolean {
    this.#call.send(frame)
    this.#sent += frame.length
    return this.#sent < stepBytes
  }

  /** It runs where nobody is there to catch: after a commit, or when a client has taken what it was sent. */
  readonly #run = (): void => {
    try {
      this.#steps()
    } catch (error) {
      this.#call.fail(error)
    }
  }

  #steps(): void {
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
      this.#sent = 0
      if (!this.#step()) {
        this.#state = 'idle'
        return
      }
      this.#call.flush()
    }
  }
}
