import { varintSize, writeVarint } from './varint.ts'

/**
 * RecordedEvent, as both Streams and PersistentSubscriptions send it. The node stores an event as these very
 * bytes, always with the same fields in the same order, so reading copies and never encodes:
 *
 *   id { string } · stream { name } · revision · prepare · commit · type, created, content-type · metadata · data
 */
export interface ProposedEvent {
  readonly id: string
  readonly type: string
  readonly json: boolean
  readonly data: Uint8Array
  readonly metadata: Uint8Array
  /** Written by the node itself under an id that nobody else has: it can't be sent again, and isn't found by id. */
  readonly own?: boolean
}

export interface RecordedFields {
  readonly stream: string
  readonly revision: number
  readonly position: number
  readonly createdMs: number
  readonly event: ProposedEvent
}

/** The revision of `$streamDeleted`: on the wire the largest signed 64-bit number, inside one that a double holds. */
export const tombstoneRevision = 2 ** 48 - 1

const tombstoneVarint = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
const typeKey = Buffer.from('\x0a\x04type\x12', 'latin1')
const createdKey = Buffer.from('\x0a\x07created\x12', 'latin1')
const jsonEntry = Buffer.from('\x32\x20\x0a\x0ccontent-type\x12\x10application/json', 'latin1')
const bytesEntry = Buffer.from('\x32\x28\x0a\x0ccontent-type\x12\x18application/octet-stream', 'latin1')

const lengthDelimited = (length: number): number => 1 + varintSize(length) + length

/** Encodes with bytes left free on both sides, for what the log puts there. */
export function encodeRecorded(fields: RecordedFields, room = { before: 0, after: 0 }): Buffer {
  const { stream, event, position } = fields
  const created = `${fields.createdMs}0000`
  const streamLength = Buffer.byteLength(stream)
  const typeLength = Buffer.byteLength(event.type)
  const identifierLength = lengthDelimited(streamLength)
  const typeEntryLength = typeKey.length + varintSize(typeLength) + typeLength
  const createdEntryLength = createdKey.length + 1 + created.length
  const contentEntry = event.json ? jsonEntry : bytesEntry
  const tombstone = fields.revision === tombstoneRevision
  const size =
    40 +
    lengthDelimited(identifierLength) +
    1 +
    (tombstone ? tombstoneVarint.length : varintSize(fields.revision)) +
    2 * (1 + varintSize(position)) +
    lengthDelimited(typeEntryLength) +
    lengthDelimited(createdEntryLength) +
    contentEntry.length +
    lengthDelimited(event.metadata.length) +
    lengthDelimited(event.data.length)

  const target = Buffer.allocUnsafe(room.before + size + room.after)
  let at = room.before
  target[at] = 0x0a
  target[at + 1] = 38
  target[at + 2] = 0x12
  target[at + 3] = 36
  at += 4 + target.write(event.id, at + 4, 36, 'latin1')
  target[at] = 0x12
  at = writeVarint(target, at + 1, identifierLength)
  target[at] = 0x1a
  at = writeVarint(target, at + 1, streamLength)
  at += target.write(stream, at, streamLength, 'utf8')
  target[at] = 0x18
  at = tombstone
    ? at + 1 + tombstoneVarint.copy(target, at + 1)
    : writeVarint(target, at + 1, fields.revision)
  target[at] = 0x20
  at = writeVarint(target, at + 1, position)
  target[at] = 0x28
  at = writeVarint(target, at + 1, position)
  target[at] = 0x32
  at = writeVarint(target, at + 1, typeEntryLength)
  at += typeKey.copy(target, at)
  at = writeVarint(target, at, typeLength)
  at += target.write(event.type, at, typeLength, 'utf8')
  target[at] = 0x32
  at = writeVarint(target, at + 1, createdEntryLength)
  at += createdKey.copy(target, at)
  target[at] = created.length
  at += 1 + target.write(created, at + 1, created.length, 'latin1')
  at += contentEntry.copy(target, at)
  target[at] = 0x3a
  at = writeVarint(target, at + 1, event.metadata.length)
  target.set(event.metadata, at)
  at += event.metadata.length
  target[at] = 0x42
  at = writeVarint(target, at + 1, event.data.length)
  target.set(event.data, at)
  return target
}
