import protobuf from 'protobufjs/minimal.js'

import { readFilter, type FilterOptions } from './filter.ts'
import { eachField, endOfMessage, readsStructuredIds, readStreamIdentifier, type Reader } from './shared.ts'
import { isEnd, toNumber, type Long } from './uint64.ts'

/** Where to read from: a revision or position, or one of the ends. */
export type From = number | 'start' | 'end'

export interface ReadRequest {
  /** Undefined is `$all`. */
  readonly stream: string | undefined
  readonly from: From
  readonly backwards: boolean
  readonly resolveLinks: boolean
  /** Undefined is a subscription. */
  readonly count: number | undefined
  readonly filter: FilterOptions | undefined
  readonly structuredIds: boolean
  /** From 1 on, reads of a stream say where it begins and ends. */
  readonly compatibility: number
  /** What a request has to say and this one doesn't. */
  readonly missing: ReadonlySet<Required>
}

type Required = 'stream or $all' | 'count or subscription' | 'UUID option'

export function decodeRead(message: Uint8Array): ReadRequest {
  const reader = protobuf.Reader.create(message)
  let request: ReadRequest = emptyRequest
  eachField(reader, reader.len, (field, wireType) => {
    if (field === 1) request = readOptions(reader)
    else reader.skipType(wireType)
  })
  return request
}

const emptyRequest: ReadRequest = {
  stream: undefined,
  from: 'start',
  backwards: false,
  resolveLinks: false,
  count: 0,
  filter: undefined,
  structuredIds: false,
  compatibility: 0,
  missing: new Set(['stream or $all', 'count or subscription', 'UUID option']),
}

function readOptions(reader: Reader): ReadRequest {
  const end = endOfMessage(reader)
  const missing = new Set(emptyRequest.missing)
  const request: { -readonly [Key in keyof ReadRequest]: ReadRequest[Key] } = { ...emptyRequest, missing }
  eachField(reader, end, (field, wireType) => {
    const says = saidBy[field]
    if (says !== undefined) missing.delete(says)
    if (field === 1) Object.assign(request, readStreamOptions(reader))
    else if (field === 2) Object.assign(request, { stream: undefined, from: readAllOptions(reader) })
    else if (field === 3) request.backwards = reader.int32() === 1
    else if (field === 4) request.resolveLinks = reader.bool()
    else if (field === 5) request.count = toNumber(reader.uint64())
    else if (field === 7) request.filter = readFilter(reader)
    else if (field === 9) request.structuredIds = readsStructuredIds(reader)
    else if (field === 10) request.compatibility = readCompatibility(reader)
    else {
      if (field === 6) request.count = undefined
      reader.skipType(wireType)
    }
  })
  return request
}

const saidBy: Readonly<Record<number, Required>> = {
  1: 'stream or $all',
  2: 'stream or $all',
  5: 'count or subscription',
  6: 'count or subscription',
  9: 'UUID option',
}

function readCompatibility(reader: Reader): number {
  const end = endOfMessage(reader)
  let compatibility = 0
  eachField(reader, end, (field, wireType) => {
    if (field === 1) compatibility = reader.uint32()
    else reader.skipType(wireType)
  })
  return compatibility
}

function placeOf(value: Long | undefined): From {
  if (value === undefined) return 0
  return isEnd(value) ? 'end' : toNumber(value)
}

function readStreamOptions(reader: Reader): { stream: string; from: From } {
  const end = endOfMessage(reader)
  let stream = ''
  let from: From = 'start'
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else if (field === 2) from = placeOf(reader.uint64())
    else {
      if (field === 3) from = 'start'
      if (field === 4) from = 'end'
      reader.skipType(wireType)
    }
  })
  return { stream, from }
}

export function readAllOptions(reader: Reader): From {
  const end = endOfMessage(reader)
  let from: From = 'start'
  eachField(reader, end, (field, wireType) => {
    if (field === 1) from = placeOf(readCommit(reader))
    else {
      if (field === 2) from = 'start'
      if (field === 3) from = 'end'
      reader.skipType(wireType)
    }
  })
  return from
}

/** A position as a number; one that no log has, "end" among them, is infinite. */
export const readPosition = (reader: Reader): number => {
  const commit = readCommit(reader)
  return commit === undefined ? 0 : toNumber(commit)
}

/** Commit and prepare position of an event are the same here. */
function readCommit(reader: Reader): Long | undefined {
  const end = endOfMessage(reader)
  let commit: Long | undefined
  eachField(reader, end, (field, wireType) => {
    if (field === 1) commit = reader.uint64()
    else reader.skipType(wireType)
  })
  return commit
}
