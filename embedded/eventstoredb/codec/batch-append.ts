import protobuf from 'protobufjs/minimal.js'

import { frame } from '../grpc/frames.ts'
import { Expected, type ExpectedRevision } from '../log/commit-check.ts'
import { readProposedEvent } from './proposed-event.ts'
import type { ProposedEvent } from './recorded-event.ts'
import {
  eachField,
  endOfMessage,
  readStreamIdentifier,
  readUuid,
  writeStreamIdentifier,
  type Reader,
} from './shared.ts'
import { toNumber, toSignedNumber } from './uint64.ts'

export interface BatchOptions {
  readonly stream: string
  readonly expected: ExpectedRevision
  /** When the client stops waiting, in ms since 1970; undefined if it doesn't say. */
  readonly deadlineMs: number | undefined
}

export interface BatchRequest {
  readonly correlationId: string
  readonly options: BatchOptions | undefined
  readonly events: readonly ProposedEvent[]
  readonly isFinal: boolean
}

export function decodeBatchAppend(message: Uint8Array, nowMs: number): BatchRequest {
  const reader = protobuf.Reader.create(message)
  const events: ProposedEvent[] = []
  let correlationId = ''
  let options: BatchOptions | undefined
  let isFinal = false
  eachField(reader, reader.len, (field, wireType) => {
    if (field === 1) correlationId = readUuid(reader)
    else if (field === 2) options = readOptions(reader, nowMs)
    else if (field === 3) events.push(readProposedEvent(reader))
    else if (field === 4) isFinal = reader.bool()
    else reader.skipType(wireType)
  })
  return { correlationId, options, events, isFinal }
}

function readOptions(reader: Reader, nowMs: number): BatchOptions {
  const end = endOfMessage(reader)
  let stream = ''
  let expected: number = Expected.any
  let deadlineMs: number | undefined
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else if (field === 2) expected = toNumber(reader.uint64())
    else if (field === 6) deadlineMs = readSeconds(reader)
    else if (field === 7) deadlineMs = nowMs + readSeconds(reader)
    else {
      if (field === 3) expected = Expected.noStream
      if (field === 4) expected = Expected.any
      if (field === 5) expected = Expected.streamExists
      reader.skipType(wireType)
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
  | { readonly kind: 'BadRequest'; readonly message: string }

const failureCodes: Readonly<Record<BatchFailure['kind'], number>> = {
  WrongExpectedVersion: 6,
  StreamDeleted: 5,
  AccessDenied: 7,
  Timeout: 4,
  Unknown: 2,
  MaximumAppendSizeExceeded: 3,
  BadRequest: 3,
}

export function batchSuccessFrame(
  correlationId: string,
  stream: string,
  revision: number,
  position: number | undefined,
): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x12).string(correlationId).ldelim()
  writer.uint32(0x1a).fork()
  if (revision < 0) writer.uint32(0x12).fork().ldelim()
  else writer.uint32(0x08).uint64(revision)
  if (position === undefined) writer.uint32(0x22).fork().ldelim()
  else writer.uint32(0x1a).fork().uint32(0x08).uint64(position).uint32(0x10).uint64(position).ldelim()
  writer.ldelim()
  return frame(writeStreamIdentifier(writer, 0x22, stream).finish())
}

export function batchFailureFrame(correlationId: string, stream: string, failure: BatchFailure): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x12).string(correlationId).ldelim()
  writer.uint32(0x12).fork()
  writer.uint32(0x08).int32(failureCodes[failure.kind])
  writer.uint32(0x12).string('message' in failure ? failure.message : failure.kind)
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
      if (failure.current < 0) writer.uint32(0x12).fork().ldelim()
      else writer.uint32(0x08).uint64(failure.current)
      if (failure.expected >= 0) writer.uint32(0x18).uint64(failure.expected)
      else writer.uint32(expectedTag(failure.expected)).fork().ldelim()
      break
    case 'StreamDeleted':
      writeStreamIdentifier(writer, 0x0a, stream)
      break
    case 'MaximumAppendSizeExceeded':
      writer.uint32(0x08).uint32(failure.limit)
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

/** WrongExpectedVersion { expected_any = 4, expected_stream_exists = 5, expected_no_stream = 6 }. */
function expectedTag(expected: ExpectedRevision): number {
  if (expected === Expected.noStream) return 0x32
  return expected === Expected.streamExists ? 0x2a : 0x22
}
