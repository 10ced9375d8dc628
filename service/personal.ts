import type { Collection, CreateIndexesOptions, Db, Document, IndexSpecification } from 'mongodb'
import { MongoError, MongoServerError } from 'mongodb'
import { within } from '../eventstore/deadline.ts'
import { Unavailable } from '../eventstore/faults.ts'

/** Milliseconds that MongoDB has for an answer. */
const DEADLINE = 5_000

const DUPLICATE_KEY = 11_000

/** Somebody else has just written what an index lets only one write. */
export const isTaken = (fault: unknown): boolean =>
  fault instanceof MongoServerError && fault.code === DUPLICATE_KEY

/** What MongoDB answers, if it does in time; throws `Unavailable`, but for what `isTaken`. */
export const answered = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await within(DEADLINE, 'MongoDB', answer)
  } catch (fault) {
    if (fault instanceof MongoError && !isTaken(fault))
      throw new Unavailable('MongoDB does not answer', { cause: fault })
    throw fault
  }
}

/**
 * A collection of personal data. It is no fold of the log: what is written here is nowhere else, so a write counts
 * when most of the servers have it on disk.
 */
export const personal = <T extends Document>(db: Db, name: string): Collection<T> =>
  db.collection<T>(name, { writeConcern: { w: 'majority', journal: true } })

export const ensureIndex = async <T extends Document>(
  collection: Collection<T>,
  index: IndexSpecification,
  options: CreateIndexesOptions = {},
): Promise<void> => void (await answered(collection.createIndex(index, options)))
