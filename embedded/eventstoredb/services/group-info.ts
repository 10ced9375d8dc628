import type { ConnectionInfo, GroupInfo } from '../codec/persistent-info.ts'
import type { GroupClient } from '../persistent/client.ts'
import type { RunningGroup } from '../persistent/running-group.ts'
import type { GroupConfig } from '../persistent/settings.ts'
import { allStream } from '../persistent/source.ts'

/** A group as GetInfo and List show it. */
export function infoOf(group: RunningGroup): GroupInfo {
  const { config, consumers, parked } = group
  const { settings } = config
  return {
    stream: config.stream,
    group: config.group,
    status: group.status,
    connections: [...consumers.clients].map(connectionOf),
    averagePerSecond: group.rate.perSecond,
    totalItems: group.rate.total,
    countSinceLastMeasurement: group.rate.sinceLastMeasurement,
    lastCheckpointed: group.checkpoint,
    lastKnown: group.lastKnown,
    resolveLinks: settings.resolveLinks,
    startFrom: startText(config),
    messageTimeoutMs: settings.messageTimeoutMs,
    extraStatistics: settings.extraStatistics,
    maxRetryCount: settings.maxRetryCount,
    liveBufferSize: settings.liveBufferSize,
    historyBufferSize: settings.historyBufferSize,
    readBatchSize: settings.readBatchSize,
    checkpointAfterMs: settings.checkpointAfterMs,
    minCheckpointCount: settings.minCheckpointCount,
    maxCheckpointCount: settings.maxCheckpointCount,
    readBufferCount: consumers.freshCount,
    liveBufferCount: 0,
    retryBufferCount: consumers.retryCount,
    inFlight: consumers.inFlightCount,
    outstanding: consumers.outstandingCount,
    strategy: settings.strategy,
    maxSubscribers: settings.maxSubscribers,
    parkedCount: parked.count,
  }
}

function connectionOf(client: GroupClient): ConnectionInfo {
  return {
    username: client.username,
    averagePerSecond: client.rate.perSecond,
    totalItems: client.rate.total,
    countSinceLastMeasurement: client.rate.sinceLastMeasurement,
    availableSlots: client.freeSlots,
    inFlight: client.inFlight,
    name: client.name,
  }
}

function startText({ stream, settings }: GroupConfig): string {
  const { startFrom } = settings
  const number = startFrom === 'start' ? 0 : startFrom === 'end' ? -1 : startFrom
  return stream === allStream ? `C:${number}/P:${number}` : String(number)
}
