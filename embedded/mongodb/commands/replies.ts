import { toRaw, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import type { Batch, OpenCursor } from '../engine/cursors.ts'
import type { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Context } from './command.ts'

const positions = Array.from({ length: 1000 }, (_, i) => String(i))

export function ok(fields: Fields = {}): RawDocument {
  return toRaw({ ...fields, ok: 1 })
}

export function refused(error: MongoError): RawDocument {
  return toRaw({ ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.details })
}

/** One entry of writeErrors. */
export function writeError(index: number, error: MongoError): Fields {
  return { index, code: error.code, errmsg: error.message, ...error.details }
}

/** Makes something of what is there already, or will be. */
export function after<T, U>(value: T | Promise<T>, make: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(make) : make(value)
}

/** Opens a cursor for a list that a command answers with, in batches of the size that it asks for. */
export function firstBatch(
  { store, operation }: Pick<Context, 'store' | 'operation'>,
  opened: OpenCursor,
  size?: number,
): RawDocument | Promise<RawDocument> {
  return after(store.cursors.start(opened, { size, operation }), (batch) =>
    cursorReply('firstBatch', opened.namespace, batch),
  )
}

/** The `batchSize` in the document `cursor` of commands that are not a find. */
export function batchSizeOf(args: Arguments): number | undefined {
  return args.nested('cursor')?.count('batchSize')
}

/** A cursor with a batch of documents, copied as they are stored. */
export function cursorReply(
  field: 'firstBatch' | 'nextBatch',
  namespace: string,
  { id, documents }: Batch,
  more: Readonly<Record<string, number>> = {},
): RawDocument {
  const size = documents.reduce((sum, { length }) => sum + length + 8, 256)
  const out = new BsonWriter(size).openDocument('cursor').openArray(field)
  documents.forEach((document, i) => out.document(positions[i] ?? String(i), document))
  out.close().int64('id', id).string('ns', namespace).close()
  for (const [name, value] of Object.entries(more)) out.int32(name, value)
  return out.double('ok', 1).finish()
}
