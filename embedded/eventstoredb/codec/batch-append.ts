import protobuf from 'protobufjs/minimal.js'

import { frame } from '../grpc/frames.ts'
import { Expected, type ExpectedRevision } from '../log/commit-check.ts'
import { readExpected, writeCurrent, writeExpected, writeWrittenAt } from './expected-revision.ts'
import { readProposedEvent, type Proposal } from './proposed-event.ts'
import {
  eachField,
  endOfMessage,
  readStreamIdentifier,
  readUuidUntil,
  writeStreamIdentifier,
  type Reader,
} from './shared.ts'
import { toSignedNumber } from './uint64.ts'

/** The UUID that ties answers to appends: as text to find it by, and as the client wrote it to send it back. */
export interface Correlation {
  readonly id: string
  readonly bytes: Uint8Array
}

export interface BatchOptions {
  readonly stream: string
  readonly expected: ExpectedRevision
  /** When the client stops waiting, in ms since 1970; undefined if it doesn't say. */
  readonly deadlineMs: number | undefined
}

export interface BatchRequest {
  readonly correlation: Correlation
  readonly options: BatchOptions | undefined
  readonly events: readonly Proposal[]
  readonly isFinal: boolean
}

export function decodeBatchAppend(message: Uint8Array, nowMs: number): BatchRequest {
  const reader = protobuf.Reader.create(message)
  const events: Proposal[] = []
  let correlation: Correlation = { id: '', bytes: new Uint8Array(0) }
  let options: BatchOptions | undefined
  let isFinal = false
  eachField(reader, reader.len, (field, wireType) => {
    if (field === 1) {
      const end = endOfMessage(reader)
      const start = reader.pos
      correlation = { id: readUuidUntil(reader, end), bytes: message.subarray(start, end) }
    } else if (field === 2) options = readOptions(reader, nowMs)
    else if (field === 3) events.push(readProposedEvent(reader))
    else if (field === 4) isFinal = reader.bool()
    else reader.skipType(wireType)
  })
  return { correlation, options, events, isFinal }
}

function readOptions(reader: Reader, nowMs: number): BatchOptions {
  const end = endOfMessage(reader)
  let stream = ''
  let expected: ExpectedRevision = Expected.any
  let deadlineMs: number | undefined
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else if (field === 6) deadlineMs = readSeconds(reader)
    else if (field === 7) deadlineMs = nowMs + readSeconds(reader)
    else {
      const read = readExpected(reader, field, wireType)
      if (read === undefined) reader.skipType(wireType)
      else expected = read
    }
  })
  return { stream, expected, deadlineMs }
}

/** Timestamp and Duration look the same: seconds and nanoseconds. In milliseconds. */
function readSeconds(reader: Reader): number {
  const end = endOfMessage(reader)
  let ms = 0
  eachField(reader, end, (field, wireType) => {
    if (field === 1) ms += toSignedNumber(reader.int64()) * 1000
    else if (field === 2) ms += reader.int32() / 1e6
    else reader.skipType(wireType)
  })
  return ms
}

export type BatchFailure =
  | { readonly kind: 'WrongExpectedVersion'; readonly current: number; readonly expected: ExpectedRevision }
  | { readonly kind: 'StreamDeleted' }
  | { readonly kind: 'AccessDenied' }
  | { readonly kind: 'Timeout' }
  | { readonly kind: 'Unknown' }
  | { readonly kind: 'MaximumAppendSizeExceeded'; readonly limit: number }
  | {
      readonly kind: 'MaximumAppendEventSizeExceeded'
      readonly eventId: string
      readonly size: number
      readonly limit: number
    }
  | { readonly kind: 'BadRequest'; readonly message: string }

const failureCodes: Readonly<Record<BatchFailure['kind'], number>> = {
  WrongExpectedVersion: 6,
  StreamDeleted: 5,
  AccessDenied: 7,
  Timeout: 4,
  Unknown: 2,
  MaximumAppendSizeExceeded: 3,
  MaximumAppendEventSizeExceeded: 3,
  BadRequest: 3,
}

export function batchSuccessFrame(
  correlation: Correlation,
  stream: string,
  revision: number,
  position: number | undefined,
): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).bytes(correlation.bytes)
  writer.uint32(0x1a).fork()
  writeCurrent(writer, { revision: 0x08, noStream: 0x12 }, revision)
  writeWrittenAt(writer, position)
  writer.ldelim()
  return frame(writeStreamIdentifier(writer, 0x22, stream).finish())
}

/** A google.rpc.Status, whose details say what clients need to know. */
export function batchFailureFrame(correlation: Correlation, stream: string, failure: BatchFailure): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).bytes(correlation.bytes)
  writer.uint32(0x12).fork()
  writer.uint32(0x08).int32(failureCodes[failure.kind])
  writer.uint32(0x12).string(failure.kind)
  writer.uint32(0x1a).fork()
  writer.uint32(0x0a).string(`type.googleapis.com/event_store.client.${failure.kind}`)
  writer.uint32(0x12).bytes(detailsOf(failure, stream))
  writer.ldelim().ldelim()
  return frame(writeStreamIdentifier(writer, 0x22, stream).finish())
}

function detailsOf(failure: BatchFailure, stream: string): Uint8Array {
  const writer = protobuf.Writer.create()
  switch (failure.kind) {
    case 'WrongExpectedVersion':
      writeCurrent(writer, { revision: 0x08, noStream: 0x12 }, failure.current)
      writeExpected(
        writer,
        { revision: 0x18, any: 0x22, streamExists: 0x2a, noStream: 0x32 },
        failure.expected,
      )
      break
    case 'StreamDeleted':
      writeStreamIdentifier(writer, 0x0a, stream)
      break
    case 'MaximumAppendSizeExceeded':
      writer.uint32(0x08).uint32(failure.limit)
      break
    case 'MaximumAppendEventSizeExceeded':
      writer.uint32(0x0a).string(failure.eventId)
      writer.uint32(0x10).uint32(failure.size).uint32(0x18).uint32(failure.limit)
      break
    case 'BadRequest':
      writer.uint32(0x0a).string(failure.message)
      break
    case 'AccessDenied':
    case 'Timeout':
    case 'Unknown':
      break
  }
  return writer.finish()
}
