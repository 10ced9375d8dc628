import type { Collection, CreateIndexesOptions, Db, Document, IndexSpecification } from 'mongodb'
import { within } from '../eventstore/deadline.ts'

/** Milliseconds that MongoDB has for an answer. */
const DEADLINE = 5_000

/** What MongoDB answers, if it does in time; throws `Unavailable`. */
export const answered = <T>(answer: Promise<T>): Promise<T> => within(DEADLINE, 'MongoDB', answer)

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
