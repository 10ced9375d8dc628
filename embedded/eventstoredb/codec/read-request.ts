import protobuf from 'protobufjs/minimal.js'

import { readFilter, type FilterOptions } from './filter.ts'
import { eachField, endOfMessage, readsStructuredIds, readStreamIdentifier, type Reader } from './shared.ts'
import { toNumber } from './uint64.ts'

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
}

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
}

function readOptions(reader: Reader): ReadRequest {
  const end = endOfMessage(reader)
  const request: { -readonly [Key in keyof ReadRequest]: ReadRequest[Key] } = { ...emptyRequest }
  eachField(reader, end, (field, wireType) => {
    if (field === 1) Object.assign(request, readStreamOptions(reader))
    else if (field === 2) Object.assign(request, { stream: undefined, from: readAllOptions(reader) })
    else if (field === 3) request.backwards = reader.int32() === 1
    else if (field === 4) request.resolveLinks = reader.bool()
    else if (field === 5) request.count = toNumber(reader.uint64())
    else if (field === 7) request.filter = readFilter(reader)
    else if (field === 9) request.structuredIds = readsStructuredIds(reader)
    else {
      if (field === 6) request.count = undefined
      reader.skipType(wireType)
    }
  })
  return request
}

function readStreamOptions(reader: Reader): { stream: string; from: From } {
  const end = endOfMessage(reader)
  let stream = ''
  let from: From = 'start'
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else if (field === 2) from = toNumber(reader.uint64())
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
    if (field === 1) from = readPosition(reader)
    else {
      if (field === 2) from = 'start'
      if (field === 3) from = 'end'
      reader.skipType(wireType)
    }
  })
  return from
}

/** Commit and prepare position of an event are the same here. */
export function readPosition(reader: Reader): number {
  const end = endOfMessage(reader)
  let commit = 0
  eachField(reader, end, (field, wireType) => {
    if (field === 1) commit = toNumber(reader.uint64())
    else reader.skipType(wireType)
  })
  return commit
}
