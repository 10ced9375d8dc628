import { toRaw, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import type { Batch } from '../engine/cursors.ts'
import type { MongoError } from '../errors.ts'

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

/** A cursor with a batch of documents, copied as they are stored. */
export function cursorReply(
  field: 'firstBatch' | 'nextBatch',
  namespace: string,
  id: bigint,
  { documents }: Batch,
  more: Fields = {},
): RawDocument {
  const size = documents.reduce((sum, { length }) => sum + length + 8, 256)
  const out = new BsonWriter(size).openDocument('cursor').openArray(field)
  documents.forEach((document, i) => out.document(positions[i] ?? String(i), document))
  out.close().int64('id', id).string('ns', namespace).close()
  for (const [name, value] of Object.entries(more)) if (typeof value === 'number') out.int32(name, value)
  return out.double('ok', 1).finish()
}
