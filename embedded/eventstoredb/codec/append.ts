import protobuf from 'protobufjs/minimal.js'

import { Expected, type ExpectedRevision } from '../log/commit-check.ts'
import { readProposedEvent } from './proposed-event.ts'
import type { ProposedEvent } from './recorded-event.ts'
import { eachField, endOfMessage, readStreamIdentifier, type Reader } from './shared.ts'
import { toNumber } from './uint64.ts'

/** What Append, Delete and Tombstone ask about the stream; their options look the same. */
export interface StreamOptions {
  readonly stream: string
  readonly expected: ExpectedRevision
}

export interface AppendRequest {
  readonly options: StreamOptions | undefined
  readonly event: ProposedEvent | undefined
}

export function decodeAppend(message: Uint8Array): AppendRequest {
  const reader = protobuf.Reader.create(message)
  let options: StreamOptions | undefined
  let event: ProposedEvent | undefined
  eachField(reader, reader.len, (field, wireType) => {
    if (field === 1) options = readStreamOptions(reader)
    else if (field === 2) event = readProposedEvent(reader)
    else reader.skipType(wireType)
  })
  return { options, event }
}

/** DeleteReq and TombstoneReq: the options alone. */
export function decodeDelete(message: Uint8Array): StreamOptions {
  return decodeAppend(message).options ?? { stream: '', expected: Expected.any }
}

function readStreamOptions(reader: Reader): StreamOptions {
  const end = endOfMessage(reader)
  let stream = ''
  let expected: number = Expected.any
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else if (field === 2) expected = toNumber(reader.uint64())
    else {
      if (field === 3) expected = Expected.noStream
      if (field === 4) expected = Expected.any
      if (field === 5) expected = Expected.streamExists
      reader.skipType(wireType)
    }
  })
  return { stream, expected }
}

export function encodeAppended(revision: number, position: number | undefined): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork()
  if (revision < 0) writer.uint32(0x12).fork().ldelim()
  else writer.uint32(0x08).uint64(revision)
  if (position === undefined) writer.uint32(0x22).fork().ldelim()
  else writePosition(writer, 0x1a, position)
  return writer.ldelim().finish()
}

/** The answer of Delete and of Tombstone. */
export function encodeDeleted(position: number): Uint8Array {
  return writePosition(protobuf.Writer.create(), 0x0a, position).finish()
}

/** A wrong revision is a response of Append, not an error; older clients read the fields of before 20.6.1. */
export function encodeWrongRevision(current: number, expected: ExpectedRevision): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(0x12).fork()
  if (current < 0) writer.uint32(0x12).fork().ldelim().uint32(0x3a).fork().ldelim()
  else writer.uint32(0x08).uint64(current).uint32(0x30).uint64(current)
  if (expected >= 0) writer.uint32(0x18).uint64(expected).uint32(0x40).uint64(expected)
  else if (expected === Expected.streamExists)
    writer.uint32(0x2a).fork().ldelim().uint32(0x52).fork().ldelim()
  else if (expected === Expected.noStream) writer.uint32(0x5a).fork().ldelim()
  else writer.uint32(0x22).fork().ldelim().uint32(0x4a).fork().ldelim()
  return writer.ldelim().finish()
}

function writePosition(writer: protobuf.Writer, tag: number, position: number): protobuf.Writer {
  return writer.uint32(tag).fork().uint32(0x08).uint64(position).uint32(0x10).uint64(position).ldelim()
}
