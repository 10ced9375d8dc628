import protobuf from 'protobufjs/minimal.js'

import { toHex } from './uint64.ts'

/** Messages of shared.proto that several requests contain. */
export type Reader = protobuf.Reader

/** Calls `onField` for each field of a message; it must read or skip the field's value. */
export function eachField(
  reader: Reader,
  end: number,
  onField: (field: number, wireType: number) => void,
): void {
  while (reader.pos < end) {
    const tag = reader.uint32()
    onField(tag >>> 3, tag & 7)
  }
}

export const endOfMessage = (reader: Reader): number => {
  const length = reader.uint32()
  return reader.pos + length
}

/** Of requests whose one message, the options, is in field 1: calls `onField` for each field of the options. */
export function inOptions(
  message: Uint8Array,
  onField: (reader: Reader, field: number, wireType: number) => void,
): void {
  const reader = protobuf.Reader.create(message)
  eachField(reader, reader.len, (field, wireType) => {
    if (field !== 1) reader.skipType(wireType)
    else eachField(reader, endOfMessage(reader), (inner, innerType) => onField(reader, inner, innerType))
  })
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUID in either of its forms, as lower-case text; empty if it is none. */
export const readUuid = (reader: Reader): string => readUuidUntil(reader, endOfMessage(reader))

export function readUuidUntil(reader: Reader, end: number): string {
  let uuid = ''
  eachField(reader, end, (field, wireType) => {
    if (field === 2) uuid = reader.string()
    else if (field === 1) uuid = readStructuredUuid(reader)
    else reader.skipType(wireType)
  })
  const text = uuid.toLowerCase()
  return uuidPattern.test(text) ? text : ''
}

function readStructuredUuid(reader: Reader): string {
  const end = endOfMessage(reader)
  const halves = ['0'.repeat(16), '0'.repeat(16)]
  eachField(reader, end, (field, wireType) => {
    if (field === 1 || field === 2) halves[field - 1] = toHex(reader.int64())
    else reader.skipType(wireType)
  })
  return uuidFromHex(halves.join(''))
}

export const uuidFromHex = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')

/** StreamIdentifier { bytes stream_name = 3 }. */
export function readStreamIdentifier(reader: Reader): string {
  const end = endOfMessage(reader)
  let name = ''
  eachField(reader, end, (field, wireType) => {
    if (field === 3) name = reader.string()
    else reader.skipType(wireType)
  })
  return name
}

export function writeStreamIdentifier(writer: protobuf.Writer, tag: number, stream: string): protobuf.Writer {
  return writer.uint32(tag).fork().uint32(0x1a).string(stream).ldelim()
}

/** UUIDOption { structured = 1, string = 2 }. */
export function readsStructuredIds(reader: Reader): boolean {
  const end = endOfMessage(reader)
  let structured = false
  eachField(reader, end, (field, wireType) => {
    structured = field === 1
    reader.skipType(wireType)
  })
  return structured
}
