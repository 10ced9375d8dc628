import { createHash } from 'node:crypto'
import { Fault, invalidRequest } from '../books/fault.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Answer } from './endpoint.ts'

const LONGEST_KEY = 255

export interface Asking {
  /** Undefined for a request that may be done again. */
  readonly key: string | undefined
  /** Path and parameters, in one form. */
  readonly question: string
  /** The id of this request. */
  readonly request: string
  /** In milliseconds. */
  readonly at: number
}

/** An answer, and the request to which it was given first. */
export interface Given extends Answer {
  readonly replayOf?: string
}

/** Decides each request that has an idempotency key once; whoever repeats it has the answer of the first. */
export class Once {
  readonly #ledger: Ledger
  readonly #inUse = new Set<string>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Runs `work`, unless a request with the same key is at it. */
  async alone<T>(key: string | undefined, work: () => Promise<T>): Promise<T> {
    if (key === undefined) return work()
    if (key.length > LONGEST_KEY)
      throw invalidRequest(`Idempotency keys have at most ${LONGEST_KEY} characters.`)
    if (this.#inUse.has(key))
      throw new Fault(
        409,
        'idempotency_error',
        `There is currently another in-progress request using this idempotency key (${key}).`,
        { code: 'idempotency_key_in_use' },
      )
    this.#inUse.add(key)
    try {
      return await work()
    } finally {
      this.#inUse.delete(key)
    }
  }

  /** The answer is on disk, with the work, when this resolves. */
  decide({ key, question, request, at }: Asking, decide: () => Answer): Promise<Given> {
    const fingerprint = createHash('sha256').update(question).digest('base64')
    return this.#ledger.write(() => {
      if (key === undefined) return decide()
      const before = this.#ledger.answers.get(key, at)
      if (before && before.fingerprint !== fingerprint) return misused(key)
      if (before) return { status: before.status, body: before.body, replayOf: before.request }
      const answer = decide()
      this.#ledger.answers.put(key, { ...answer, fingerprint, at, request })
      return answer
    })
  }
}

const misused = (key: string): Answer => ({
  status: 400,
  body: {
    error: {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with (${key}).`,
    },
  },
})
