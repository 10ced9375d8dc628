import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Table } from '../../lmdb/environment.ts'

/** What was answered to a request that had an idempotency key. */
const StoredAnswer = z.object({
  /** Of the path and the parameters. */
  fingerprint: z.string(),
  at: z.int(),
  request: z.string(),
  status: z.int(),
  body: z.record(z.string(), z.unknown()),
})
export type StoredAnswer = z.infer<typeof StoredAnswer>

/** Stripe forgets keys after a day at the earliest. */
const KEPT = 24 * 3_600_000
/** So many are looked at in one write. */
const SLICE = 500

/** Keys may be longer than those of LMDB. */
const placeOf = (idempotencyKey: string): Buffer => createHash('sha256').update(idempotencyKey).digest()

export class Answers {
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }

  /** `now` in milliseconds: what is too old is as good as forgotten. */
  get(idempotencyKey: string, now: number): StoredAnswer | undefined {
    const found = this.#table.get(placeOf(idempotencyKey))
    const answer = found && StoredAnswer.parse(JSON.parse(found.toString()))
    return answer && answer.at >= now - KEPT ? answer : undefined
  }

  /** Only in a write. */
  put(idempotencyKey: string, answer: StoredAnswer): void {
    this.#table.putSync(placeOf(idempotencyKey), Buffer.from(JSON.stringify(answer)))
  }

  /** Only in a write: forgets what is old among the next entries; returns where to go on, undefined at the end. */
  prune(now: number, from?: Buffer): Buffer | undefined {
    const seen = Array.from(
      this.#table.getRange({ ...(from ? { start: from } : {}), limit: SLICE + 1 }),
      ({ key, value }) => ({
        key: Buffer.from(key),
        at: StoredAnswer.parse(JSON.parse(value.toString())).at,
      }),
    )
    for (const { key, at } of seen.slice(0, SLICE)) if (at < now - KEPT) this.#table.removeSync(key)
    return seen[SLICE]?.key
  }
}
