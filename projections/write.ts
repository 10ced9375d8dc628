import { BSON, MongoClientBulkWriteError, MongoError, MongoInvalidArgumentError } from 'mongodb'
import type { ClientBulkWriteModel, Db } from 'mongodb'
import { CHECKPOINTS } from './checkpoints.ts'
import type { Changed, Folder } from './folder.ts'
import { inTime } from './limits.ts'
import type { View } from './projection.ts'

/** What a batch changed in one collection. */
export interface Change {
  readonly folder: Folder
  readonly documents: readonly Changed[]
}

/** A newer document or checkpoint is there than we know of: somebody else is writing these collections. */
export class Superseded extends Error {
  override readonly name = 'Superseded'
}

/** MongoDB will not take one of these documents, however often it is asked. */
export class DocumentRefused extends Error {
  override readonly name = 'DocumentRefused'
}

/** Anything that is replaced whole by its id, and only by something as new: documents and checkpoints. */
type Written = View & { readonly position: number }
type Write = ClientBulkWriteModel<Record<string, Written>>

export interface WriteOptions {
  readonly position: bigint
  /** Some of it may have been written by an earlier try, so that what was new may be there. */
  readonly again: boolean
}

/**
 * Writes documents first and checkpoints last. Nothing ever goes back to an older position, so whoever writes
 * late, or twice, does no harm. Throws `Superseded` or `DocumentRefused`; all else is worth another try.
 */
export const writeChanges = async (
  db: Db,
  changes: readonly Change[],
  { position, again }: WriteOptions,
): Promise<void> => {
  const replace = (collection: string, replacement: Written): Write => ({
    name: 'replaceOne',
    namespace: `${db.databaseName}.${collection}`,
    // Where there is a newer one, this finds nothing, and putting a second one in is refused.
    filter: { _id: replacement._id, position: { $lte: replacement.position } },
    replacement,
    upsert: true,
  })
  // Nothing has to be looked for.
  const insert = (collection: string, document: Written): Write => ({
    name: 'insertOne',
    namespace: `${db.databaseName}.${collection}`,
    document,
  })
  const writes = [
    ...changes.flatMap(({ folder, documents }) =>
      documents.map(({ document, isNew }) =>
        (isNew && !again ? insert : replace)(folder.collection(), document),
      ),
    ),
    ...changes
      // One that was further than its lane has nothing to note until the lane has caught up with it.
      .filter(({ folder }) => position > folder.begun())
      .map(({ folder }) => replace(CHECKPOINTS, { _id: folder.collection(), position: Number(position) })),
  ]
  if (writes.length === 0) return
  try {
    await inTime(db.client.bulkWrite<Record<string, Written>>(writes, { ordered: true }))
  } catch (fault) {
    throw meaning(fault)
  }
}

/** Whether a fault of MongoDB may pass by itself. */
export const passesByItself = (fault: unknown): boolean =>
  fault instanceof MongoError && !(fault instanceof MongoInvalidArgumentError)

const DUPLICATE_KEY = 11_000

/** Only what is said of a single write is that document's fault. */
const meaning = (fault: unknown): unknown => {
  if (fault instanceof MongoClientBulkWriteError) {
    const [refusal] = fault.writeErrors.values()
    if (!refusal) return fault
    return refusal.code === DUPLICATE_KEY && refusal.message.includes('index: _id_')
      ? new Superseded('somebody else has written newer documents', { cause: fault })
      : new DocumentRefused(refusal.message, { cause: fault })
  }
  if (fault instanceof MongoInvalidArgumentError || fault instanceof BSON.BSONError)
    return new DocumentRefused(fault.message, { cause: fault })
  return fault
}
