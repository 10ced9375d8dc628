import type { ConnectionInfo, GroupInfo } from '../../codec/persistent-info.ts'
import { allStream, parkedStream, type GroupName } from '../../persistent/settings.ts'
import { streamUri } from '../feed-entry.ts'

/** Groups as the JSON API shows them, by the names that clients and the admin UI read. */
export const groupUri = (base: string, { stream, group }: GroupName): string =>
  `${base}/subscriptions/${encodeURIComponent(stream)}/${encodeURIComponent(group)}`

/** One of a list: what it takes to find it and to see how it does. */
export function summaryOf(info: GroupInfo, base: string): object {
  return {
    links: linksOf(info, base),
    ...commonOf(info, base),
    connectionCount: info.connections.length,
  }
}

export function detailsOf(info: GroupInfo, base: string): object {
  return {
    links: linksOf(info, base),
    config: configOf(info),
    ...commonOf(info, base),
    countSinceLastMeasurement: info.countSinceLastMeasurement,
    readBufferCount: info.readBufferCount,
    liveBufferCount: info.liveBufferCount,
    retryBufferCount: info.retryBufferCount,
    outstandingMessagesCount: info.outstanding,
    connections: info.connections.map(connectionOf),
  }
}

function linksOf(info: GroupInfo, base: string): object[] {
  const uri = groupUri(base, info)
  return [
    { href: `${uri}/info`, rel: 'detail' },
    { href: `${uri}/replayParked`, rel: 'replayParked' },
  ]
}

const commonOf = (info: GroupInfo, base: string): object => ({
  eventStreamId: info.stream,
  groupName: info.group,
  status: info.status,
  averageItemsPerSecond: info.averagePerSecond,
  parkedMessageUri: streamUri(base, parkedStream(info)),
  parkedMessageCount: info.parkedCount,
  totalItemsProcessed: info.totalItems,
  lastProcessedEventNumber: numberOf(info, info.lastCheckpointed),
  lastKnownEventNumber: numberOf(info, info.lastKnown),
  lastCheckpointedEventPosition: info.lastCheckpointed,
  lastKnownEventPosition: info.lastKnown,
  totalInFlightMessages: info.inFlight,
})

const configOf = (info: GroupInfo): object => ({
  resolveLinktos: info.resolveLinks,
  // A position has no number.
  startFrom: info.stream === allStream ? info.startFrom : Number(info.startFrom),
  messageTimeoutMilliseconds: info.messageTimeoutMs,
  extraStatistics: info.extraStatistics,
  maxRetryCount: info.maxRetryCount,
  liveBufferSize: info.liveBufferSize,
  bufferSize: info.historyBufferSize,
  readBatchSize: info.readBatchSize,
  preferRoundRobin: info.strategy === 'RoundRobin',
  checkPointAfterMilliseconds: info.checkpointAfterMs,
  minCheckPointCount: info.minCheckpointCount,
  maxCheckPointCount: info.maxCheckpointCount,
  maxSubscriberCount: info.maxSubscribers,
  namedConsumerStrategy: info.strategy,
})

const connectionOf = (connection: ConnectionInfo): object => ({
  from: '',
  username: connection.username,
  connectionName: connection.name,
  averageItemsPerSecond: connection.averagePerSecond,
  totalItemsProcessed: connection.totalItems,
  countSinceLastMeasurement: connection.countSinceLastMeasurement,
  extraStatistics: connection.latencies.map(([key, value]) => ({ key, value })),
  availableSlots: connection.availableSlots,
  inFlightMessages: connection.inFlight,
})

/** -1 while it isn't known, and of `$all`, which is counted in positions. */
const numberOf = ({ stream }: GroupInfo, text: string): number =>
  text === '' || stream === allStream ? -1 : Number(text)
