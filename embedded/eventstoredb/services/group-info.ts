import type { ConnectionInfo, GroupInfo } from '../codec/persistent-info.ts'
import type { GroupClient } from '../persistent/client.ts'
import type { Group } from '../persistent/group.ts'
import { allStream } from '../persistent/settings.ts'
import { startText } from '../persistent/start-from.ts'

/** A group as GetInfo and List show it. One that stands still has its settings, and nothing to count. */
export function infoOf(group: Group): GroupInfo {
  const { stream, group: name, settings } = group.config
  return {
    stream,
    group: name,
    status: group.status,
    ...countsOf(group),
    resolveLinks: settings.resolveLinks,
    startFrom: startText(settings.startFrom, { all: stream === allStream }),
    messageTimeoutMs: settings.messageTimeoutMs,
    extraStatistics: settings.extraStatistics,
    maxRetryCount: settings.maxRetryCount,
    liveBufferSize: settings.liveBufferSize,
    historyBufferSize: settings.historyBufferSize,
    readBatchSize: settings.readBatchSize,
    checkpointAfterMs: settings.checkpointAfterMs,
    minCheckpointCount: settings.minCheckpointCount,
    maxCheckpointCount: settings.maxCheckpointCount,
    strategy: settings.strategy,
    maxSubscribers: settings.maxSubscribers,
  }
}

type Counts = Pick<
  GroupInfo,
  | 'averagePerSecond'
  | 'connections'
  | 'countSinceLastMeasurement'
  | 'inFlight'
  | 'lastCheckpointed'
  | 'lastKnown'
  | 'liveBufferCount'
  | 'outstanding'
  | 'parkedCount'
  | 'readBufferCount'
  | 'retryBufferCount'
  | 'totalItems'
>

const nothing: Counts = {
  connections: [],
  averagePerSecond: 0,
  totalItems: 0,
  countSinceLastMeasurement: 0,
  lastCheckpointed: '',
  lastKnown: '',
  readBufferCount: 0,
  liveBufferCount: 0,
  retryBufferCount: 0,
  inFlight: 0,
  outstanding: 0,
  parkedCount: 0,
}

function countsOf({ running }: Group): Counts {
  if (running === undefined) return nothing
  const { consumers } = running
  const { rate } = consumers
  return {
    connections: [...consumers.clients].map(connectionOf),
    averagePerSecond: rate.perSecond,
    totalItems: rate.total,
    countSinceLastMeasurement: rate.sinceLastMeasurement,
    lastCheckpointed: running.checkpoint,
    lastKnown: running.lastKnown,
    readBufferCount: consumers.freshCount,
    liveBufferCount: running.liveBufferCount,
    retryBufferCount: consumers.retryCount,
    inFlight: consumers.inFlightCount,
    outstanding: consumers.outstandingCount,
    parkedCount: running.parked.count,
  }
}

const connectionOf = (client: GroupClient): ConnectionInfo => ({
  username: client.username,
  averagePerSecond: client.rate.perSecond,
  totalItems: client.rate.total,
  countSinceLastMeasurement: client.rate.sinceLastMeasurement,
  latencies: client.latencies,
  availableSlots: client.freeSlots,
  inFlight: client.inFlight,
  name: client.name,
})
