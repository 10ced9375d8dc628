import protobuf from 'protobufjs/minimal.js'

import { Expected, type ExpectedRevision } from '../log/commit-check.ts'
import {
  readExpected,
  writeCurrent,
  writeExpected,
  writePosition,
  writeWrittenAt,
} from './expected-revision.ts'
import { readProposedEvent, type Proposal } from './proposed-event.ts'
import { eachField, endOfMessage, readStreamIdentifier, type Reader } from './shared.ts'

/** What Append, Delete and Tombstone ask about the stream; their options look the same. */
export interface StreamOptions {
  readonly stream: string
  readonly expected: ExpectedRevision
}

export interface AppendRequest {
  readonly options: StreamOptions | undefined
  readonly event: Proposal | undefined
}

export function decodeAppend(message: Uint8Array): AppendRequest {
  const reader = protobuf.Reader.create(message)
  let options: StreamOptions | undefined
  let event: Proposal | undefined
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
  let expected: ExpectedRevision = Expected.any
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else {
      const read = readExpected(reader, field, wireType)
      if (read === undefined) reader.skipType(wireType)
      else expected = read
    }
  })
  return { stream, expected }
}

export function encodeAppended(revision: number, position: number | undefined): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork()
  writeCurrent(writer, { revision: 0x08, noStream: 0x12 }, revision)
  writeWrittenAt(writer, position)
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
  writeCurrent(writer, { revision: 0x30, noStream: 0x3a }, current)
  writeCurrent(writer, { revision: 0x08, noStream: 0x12 }, current)
  writeExpected(writer, { revision: 0x40, any: 0x4a, streamExists: 0x52 }, expected)
  writeExpected(writer, { revision: 0x18, any: 0x22, streamExists: 0x2a, noStream: 0x5a }, expected)
  return writer.ldelim().finish()
}
