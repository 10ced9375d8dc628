import type { Db } from 'mongodb'
import { z } from 'zod'
import { askedWithin } from '../../projections/asked.ts'

/** What the processor has told, as it came. It holds personal data, and so it is here and not in the log. */
const Kept = z.object({
  _id: z.string(),
  type: z.string(),
  payload: z.string(),
  receivedAt: z.date(),
  /** Absent until it is handled. */
  outcome: z.string().optional(),
})
type Kept = z.infer<typeof Kept>

const COLLECTION = 'processorEvents'
const DEADLINE = 5_000
/** Seconds for which payloads are kept: longer than the processor repeats them and anybody disputes a payment. */
const KEPT_FOR = 180 * 24 * 3_600

export interface KeptEvents {
  /** Keeps an event; true if it was handled before. */
  keep(event: { readonly id: string; readonly type: string; readonly payload: string }): Promise<boolean>
  /** Notes what came of it: it is not handled again. */
  handled(id: string, outcome: string): Promise<void>
}

/** The processor's events by their ids, in MongoDB. Throws `Unavailable` when that does not answer in time. */
export const keptEvents = (db: Db, now: () => Date): KeptEvents => {
  const events = db.collection<Kept>(COLLECTION)
  let isIndexed = false

  const ask = <T>(answer: Promise<T>) => askedWithin(DEADLINE, answer)

  const index = async () => {
    if (isIndexed) return
    await ask(events.createIndex({ receivedAt: 1 }, { expireAfterSeconds: KEPT_FOR }))
    isIndexed = true
  }

  return {
    keep: async ({ id, type, payload }) => {
      await index()
      const kept = await ask(
        events.findOneAndUpdate(
          { _id: id },
          { $setOnInsert: { type, payload, receivedAt: now() } },
          { upsert: true, returnDocument: 'after', maxTimeMS: DEADLINE },
        ),
      )
      return Kept.parse(kept).outcome !== undefined
    },

    handled: async (id, outcome) => {
      await ask(events.updateOne({ _id: id }, { $set: { outcome } }, { maxTimeMS: DEADLINE }))
    },
  }
}
