import { ObjectId } from 'bson'
import { rawValue } from './codec.ts'
import { ElementReader } from './element-reader.ts'
import type { RawDocument, RawValue } from './types.ts'
import { BsonWriter } from './writer.ts'

/** The document with its `_id` in front, as MongoDB stores it; a document without one gets a fresh ObjectId. */
export function withLeadingId(document: RawDocument, id?: RawValue): RawDocument {
  const reader = new ElementReader(document)
  let position = 0
  while (reader.next()) {
    if (reader.nameIs('_id')) {
      if (position === 0) return document
      const element = reader.element()
      return rebuilt(element, document.subarray(4, reader.nameStart - 1), document.subarray(reader.valueEnd))
    }
    position++
  }
  return rebuilt(idElement(id ?? rawValue(new ObjectId())), document.subarray(4), Buffer.alloc(0))
}

export const emptyDocument: RawDocument = new BsonWriter(8).finish()

function idElement({ type, bytes, start, end }: RawValue): Buffer {
  const out = Buffer.allocUnsafe(5 + end - start)
  out[0] = type
  out.write('_id\0', 1, 'latin1')
  bytes.copy(out, 5, start, end)
  return out
}

function rebuilt(id: Buffer, before: Buffer, after: Buffer): RawDocument {
  const size = 4 + id.length + before.length + after.length
  const out = Buffer.allocUnsafe(size)
  out.writeInt32LE(size, 0)
  out.set(id, 4)
  out.set(before, 4 + id.length)
  out.set(after, 4 + id.length + before.length)
  return out
}
