/** A message under way. Also stands for the filtered-out events after it, up to the next message. */
export interface Step {
  upTo: number
  weight: number
  done: boolean
}

/**
 * How far a group has come without gaps: the sequence number below which nothing is outstanding. Messages are
 * finished in any order, but only the finished ones at the front count.
 */
export class Progress {
  #steps: Step[] = []
  #finished = 0
  #settled: number | undefined
  #sinceCheckpoint = 0

  /** The last sequence number up to which all is done, if there is any. */
  get settled(): number | undefined {
    return this.#settled
  }

  /** Events settled since the last checkpoint. */
  get sinceCheckpoint(): number {
    return this.#sinceCheckpoint
  }

  begin(sequence: number): Step {
    const step = { upTo: sequence, weight: 1, done: false }
    this.#steps.push(step)
    return step
  }

  /** An event that the group doesn't want. The group's own bookkeeping has no weight, or it would feed itself. */
  pass(sequence: number, weight: number): void {
    const last = this.#steps.at(-1)
    if (last === undefined || this.#finished === this.#steps.length) {
      this.#settled = sequence
      this.#sinceCheckpoint += weight
    } else {
      last.upTo = sequence
      last.weight += weight
    }
  }

  finish(step: Step): void {
    step.done = true
    for (let next = this.#steps[this.#finished]; next?.done === true; next = this.#steps[this.#finished]) {
      this.#settled = next.upTo
      this.#sinceCheckpoint += next.weight
      this.#finished += 1
    }
    if (this.#finished > 64 && this.#finished * 2 > this.#steps.length) {
      this.#steps = this.#steps.slice(this.#finished)
      this.#finished = 0
    }
  }

  checkpointed(): void {
    this.#sinceCheckpoint = 0
  }
}
