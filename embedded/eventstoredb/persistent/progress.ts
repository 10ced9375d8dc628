/**
 * How far a group has come without gaps: the sequence number up to which nothing is outstanding. Messages are
 * finished in any order, but only the finished ones at the front count. What is finished behind one that isn't
 * melts into it, so that a message which takes for ever costs no more memory than any other.
 */
export class Progress {
  #last: Step | undefined
  #settled: number | undefined
  #count = 0

  /** The last sequence number up to which all is done, if there is any. */
  get settled(): number | undefined {
    return this.#settled
  }

  /** Events settled so far. */
  get count(): number {
    return this.#count
  }

  begin(sequence: number): Step {
    const step = new Step(this, sequence, this.#last)
    this.#last = step
    return step
  }

  /** Events that the group doesn't want, up to this one. The node's own bookkeeping has no weight. */
  pass(sequence: number, weight: number): void {
    if (this.#last === undefined) this.#settle(sequence, weight)
    else this.#last.extend(sequence, weight)
  }

  /** For `Step` alone. */
  remove(step: Step): void {
    const { before, after } = step
    if (before === undefined) {
      this.#settle(step.upTo, step.weight)
    } else {
      before.after = after
      before.extend(step.upTo, step.weight)
    }
    if (after === undefined) this.#last = before
    else after.before = before
  }

  #settle(sequence: number, weight: number): void {
    this.#settled = sequence
    this.#count += weight
  }
}

/** A message under way. Also stands for what is done or passed over after it, up to the next one under way. */
export class Step {
  readonly #progress: Progress
  #done = false
  before: Step | undefined
  after: Step | undefined
  upTo: number
  weight = 1

  constructor(progress: Progress, sequence: number, before: Step | undefined) {
    this.#progress = progress
    this.upTo = sequence
    this.before = before
    if (before !== undefined) before.after = this
  }

  extend(upTo: number, weight: number): void {
    this.upTo = upTo
    this.weight += weight
  }

  finish(): void {
    if (this.#done) return
    this.#done = true
    this.#progress.remove(this)
  }
}
