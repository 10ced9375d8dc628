import protobuf from 'protobufjs/minimal.js'

import { allStream, type GroupName, type GroupSettings } from '../persistent/settings.ts'
import type { LogPosition, StartFrom } from '../persistent/start-from.ts'
import { readFilter, type FilterOptions } from './filter.ts'
import { eachField, endOfMessage, readStreamIdentifier, type Reader } from './shared.ts'
import { isEnd, toNumber, toSignedNumber, type Long } from './uint64.ts'

/** The requests that manage groups. `$all` is a source like the others here. */
export interface GroupRequest extends GroupName {
  /** Which of its two forms names the source: only one of them can mean `$all`. */
  readonly source: 'stream' | 'all'
  readonly filter: FilterOptions | undefined
  readonly settings: GroupSettings
}

const ticksPerMs = 10_000
const strategies = ['DispatchToSingle', 'RoundRobin', 'Pinned']

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** CreateReq has the shape of UpdateReq, and beside it any strategy by its name. */
export function decodeCreateGroup(message: Uint8Array): GroupRequest {
  const { strategyName, ...request } = decodeGroupRequest(message)
  if (strategyName === '') return request
  return { ...request, settings: { ...request.settings, strategy: strategyName } }
}

export function decodeUpdateGroup(message: Uint8Array): GroupRequest {
  const { strategyName: _, ...request } = decodeGroupRequest(message)
  return request
}

function decodeGroupRequest(message: Uint8Array): GroupRequest & { readonly strategyName: string } {
  const request: Mutable<GroupRequest> = {
    stream: '',
    group: '',
    source: 'stream',
    filter: undefined,
    settings: noSettings,
  }
  let from: StartFrom | undefined
  let strategyName = ''
  let settings = { ...noSettings }
  inOptions(message, (reader, field, wireType) => {
    if (field === 1) request.stream ||= readStreamIdentifier(reader)
    else if (field === 2) request.group = reader.string()
    else if (field === 3) settings = readSettings(reader, (name) => (strategyName = name))
    else if (field === 4) {
      const source = readStreamSource(reader)
      request.stream = source.stream
      from = source.from
    } else if (field === 5) {
      const source = readAllSource(reader)
      request.stream = allStream
      request.source = 'all'
      request.filter = source.filter
      from = source.from
    } else reader.skipType(wireType)
  })
  if (from !== undefined) settings.startFrom = from
  return { ...request, settings, strategyName }
}

const noSettings: Mutable<GroupSettings> = {
  startFrom: 'start',
  resolveLinks: false,
  extraStatistics: false,
  messageTimeoutMs: 0,
  maxRetryCount: 0,
  checkpointAfterMs: 0,
  minCheckpointCount: 0,
  maxCheckpointCount: 0,
  maxSubscribers: 0,
  liveBufferSize: 0,
  readBatchSize: 0,
  historyBufferSize: 0,
  strategy: 'DispatchToSingle',
}

function readSettings(reader: Reader, onStrategyName: (name: string) => void): Mutable<GroupSettings> {
  const end = endOfMessage(reader)
  const settings = { ...noSettings }
  const fields: Readonly<Record<number, () => void>> = {
    1: () => (settings.resolveLinks = reader.bool()),
    2: () => (settings.startFrom = startOf(reader.uint64())),
    3: () => (settings.extraStatistics = reader.bool()),
    4: () => (settings.messageTimeoutMs = msOf(reader.int64())),
    5: () => (settings.maxRetryCount = reader.int32()),
    6: () => (settings.checkpointAfterMs = msOf(reader.int64())),
    7: () => (settings.minCheckpointCount = reader.int32()),
    8: () => (settings.maxCheckpointCount = reader.int32()),
    9: () => (settings.maxSubscribers = reader.int32()),
    10: () => (settings.liveBufferSize = reader.int32()),
    11: () => (settings.readBatchSize = reader.int32()),
    12: () => (settings.historyBufferSize = reader.int32()),
    13: () => (settings.strategy = strategies[reader.int32()] ?? 'Unknown'),
    14: () => (settings.messageTimeoutMs = reader.int32()),
    15: () => (settings.checkpointAfterMs = reader.int32()),
    16: () => onStrategyName(reader.string()),
  }
  eachField(reader, end, (field, wireType) => {
    const read = fields[field]
    if (read === undefined) reader.skipType(wireType)
    else read()
  })
  return settings
}

const msOf = (ticks: Long): number => Math.trunc(toSignedNumber(ticks) / ticksPerMs)

/** What no log can hold becomes infinite, and is refused. */
const startOf = (revision: Long): StartFrom => {
  if (isEnd(revision)) return 'end'
  const number = toNumber(revision)
  return number === 0 ? 'start' : number
}

function readStreamSource(reader: Reader): { stream: string; from: StartFrom } {
  const end = endOfMessage(reader)
  const source = { stream: '', from: 'start' as StartFrom }
  eachField(reader, end, (field, wireType) => {
    if (field === 1) source.stream = readStreamIdentifier(reader)
    else if (field === 2) source.from = startOf(reader.uint64())
    else {
      if (field === 4) source.from = 'end'
      reader.skipType(wireType)
    }
  })
  return source
}

function readAllSource(reader: Reader): { from: StartFrom; filter: FilterOptions | undefined } {
  const end = endOfMessage(reader)
  const source = { from: 'start' as StartFrom, filter: undefined as FilterOptions | undefined }
  eachField(reader, end, (field, wireType) => {
    if (field === 1) source.from = readPosition(reader)
    else if (field === 4) source.filter = readFilter(reader)
    else {
      if (field === 3) source.from = 'end'
      reader.skipType(wireType)
    }
  })
  return source
}

function readPosition(reader: Reader): StartFrom {
  const end = endOfMessage(reader)
  const position = { commit: 0, prepare: 0 } satisfies LogPosition
  let atEnd = false
  eachField(reader, end, (field, wireType) => {
    if (field !== 1 && field !== 2) {
      reader.skipType(wireType)
      return
    }
    const value = reader.uint64()
    atEnd ||= isEnd(value)
    position[field === 1 ? 'commit' : 'prepare'] = toNumber(value)
  })
  if (atEnd) return 'end'
  return position.commit === 0 && position.prepare === 0 ? 'start' : position
}

/** DeleteReq: { stream = 1, group = 2, all = 3 }. */
export const decodeDeleteGroup = (message: Uint8Array): GroupName => decodeName(message, 1, 3, 2)

/** GetInfoReq: { stream = 1, all = 2, group = 3 }. */
export const decodeGetInfo = (message: Uint8Array): GroupName => decodeName(message, 1, 2, 3)

/** ReplayParkedReq: { group = 1, stream = 2, all = 3, stop at = 4 }. */
export function decodeReplayParked(message: Uint8Array): GroupName & { stopAt: number | undefined } {
  let stopAt: number | undefined
  inOptions(message, (reader, field, wireType) => {
    if (field === 4) stopAt = toSignedNumber(reader.int64())
    else reader.skipType(wireType)
  })
  return { ...decodeName(message, 2, 3, 1), stopAt }
}

function decodeName(
  message: Uint8Array,
  streamField: number,
  allField: number,
  groupField: number,
): GroupName {
  const name = { stream: '', group: '' }
  inOptions(message, (reader, field, wireType) => {
    if (field === streamField) name.stream = readStreamIdentifier(reader)
    else if (field === groupField) name.group = reader.string()
    else {
      if (field === allField) name.stream = allStream
      reader.skipType(wireType)
    }
  })
  return name
}

/** ListReq: the source whose groups to list, or undefined for all groups. */
export function decodeList(message: Uint8Array): string | undefined {
  let stream: string | undefined
  inOptions(message, (reader, field, wireType) => {
    if (field === 2) stream = readListSource(reader)
    else reader.skipType(wireType)
  })
  return stream
}

function readListSource(reader: Reader): string {
  const end = endOfMessage(reader)
  let stream = ''
  eachField(reader, end, (field, wireType) => {
    if (field === 1) stream = readStreamIdentifier(reader)
    else {
      if (field === 2) stream = allStream
      reader.skipType(wireType)
    }
  })
  return stream
}

/** All of these requests have their one message, the options, in field 1. */
function inOptions(
  message: Uint8Array,
  onField: (reader: Reader, field: number, wireType: number) => void,
): void {
  const reader = protobuf.Reader.create(message)
  eachField(reader, reader.len, (field, wireType) => {
    if (field !== 1) reader.skipType(wireType)
    else eachField(reader, endOfMessage(reader), (inner, innerType) => onField(reader, inner, innerType))
  })
}
