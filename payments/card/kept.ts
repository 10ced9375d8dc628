import type { Db } from 'mongodb'
import { z } from 'zod'
import type { UserId } from '../../domain/ids.ts'
import { askedWithin } from '../../projections/asked.ts'

/** What the processor has told, as it came. It holds personal data, and so it is here and not in the log. */
const Kept = z.object({
  _id: z.string(),
  type: z.string(),
  /** Absent when it was erased. */
  payload: z.string().optional(),
  receivedAt: z.date(),
  /** Absent until it is handled. */
  outcome: z.string().optional(),
  /** Whose payment it is about; absent until it is handled, and where it is nobody's whom we know. */
  userId: z.string().optional(),
})
type Kept = z.infer<typeof Kept>

const COLLECTION = 'processorEvents'
const DEADLINE = 5_000
/** Seconds for which payloads are kept: longer than the processor repeats them and anybody disputes a payment. */
const KEPT_FOR = 180 * 24 * 3_600

export interface KeptEvents {
  /** Keeps an event; true if it was handled before. */
  keep(event: { readonly id: string; readonly type: string; readonly payload: string }): Promise<boolean>
  /** Notes what came of it, and whose payment it was about: it is not handled again. */
  handled(id: string, outcome: string, userId: UserId | undefined): Promise<void>
}

/** The processor's events by their ids, in MongoDB. Throws `Unavailable` when that does not answer in time. */
export const keptEvents = (db: Db, now: () => Date): KeptEvents => {
  const events = db.collection<Kept>(COLLECTION)
  let isIndexed = false

  const ask = <T>(answer: Promise<T>) => askedWithin(DEADLINE, answer)

  const index = async () => {
    if (isIndexed) return
    await ask(events.createIndex({ receivedAt: 1 }, { expireAfterSeconds: KEPT_FOR }))
    await ask(events.createIndex({ userId: 1 }, { sparse: true }))
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

    handled: async (id, outcome, userId) => {
      const noted = { outcome, ...(userId === undefined ? {} : { userId }) }
      await ask(events.updateOne({ _id: id }, { $set: noted }, { maxTimeMS: DEADLINE }))
    },
  }
}

/**
 * Erases what the processor has told about somebody's payments, and answers how many events that were. They stay
 * known by their ids, so that none of them counts twice.
 */
export const erasePayloads = async (db: Db, userId: UserId): Promise<number> => {
  const events = db.collection<Kept>(COLLECTION)
  const emptied = await askedWithin(
    DEADLINE,
    events.updateMany({ userId, payload: { $exists: true } }, { $unset: { payload: '' } }),
  )
  return emptied.modifiedCount
}
