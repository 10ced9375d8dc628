import { MongoError } from '../errors.ts'

/** How long one command may keep the thread before the others get a turn. */
const sliceMilliseconds = 5
/** The clock is looked at once in so many steps: a step is about as dear as a look. */
const stepsPerLook = 32

let lastId = 0

/**
 * One command at work. Whoever goes over documents tells it of every step, and hears when to pause; a command that
 * ran out of time, or that somebody killed, ends there with MongoDB's error.
 */
export class Operation {
  readonly id = ++lastId
  readonly command: string
  readonly started: number
  readonly #now: () => number
  readonly #slice: number
  #limit: number | undefined
  #killed = false
  #sliceEnds: number
  #steps = 0
  #pausing = false

  constructor(command: string, { now = performance.now.bind(performance), slice = sliceMilliseconds } = {}) {
    this.command = command
    this.#now = now
    this.#slice = slice
    this.started = now()
    this.#sliceEnds = this.started + slice
  }

  /** For work inside of the node, that nobody limits or interrupts. */
  static unlimited(command: string): Operation {
    return new Operation(command, { slice: Infinity })
  }

  get milliseconds(): number {
    return this.#now() - this.started
  }

  /** The client's `maxTimeMS`; 0 is no limit. */
  limitTo(milliseconds: number): void {
    if (milliseconds > 0) this.#limit = milliseconds
  }

  get limit(): number | undefined {
    return this.#limit
  }

  kill(): void {
    this.#killed = true
  }

  /** Counts one document or key looked at; true if the thread is due to others. */
  step(): boolean {
    if (this.#pausing) return true
    if (++this.#steps % stepsPerLook !== 0) return false
    return this.look()
  }

  /** As a step that always looks at the clock. */
  look(): boolean {
    const now = this.#now()
    this.check(now)
    this.#pausing = now >= this.#sliceEnds
    return this.#pausing
  }

  check(now = this.#now()): void {
    if (this.#limit !== undefined && now - this.started >= this.#limit)
      throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit')
    if (this.#killed) throw new MongoError('Interrupted', 'operation was interrupted')
  }

  /** Lets everybody else have a turn; then a new slice begins. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.check()
    this.beginSlice()
  }

  /** Gives the full time of a slice from now on. */
  beginSlice(): void {
    this.#sliceEnds = this.#now() + this.#slice
    this.#pausing = false
  }
}

/**
 * Repeats a slice of work until it is done (it answers true), with a pause after each. What is done within one slice,
 * as nearly all is, is answered without a promise.
 */
export function inSlices(operation: Operation, slice: () => boolean): undefined | Promise<void> {
  return slice() ? undefined : continued(operation, slice)
}

async function continued(operation: Operation, slice: () => boolean): Promise<void> {
  do await operation.pause()
  while (!slice())
}
