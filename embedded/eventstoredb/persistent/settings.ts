import { z } from 'zod'

import type { FilterOptions } from '../codec/filter.ts'

/** What a group is set to, apart from its source; times in milliseconds, 0 subscribers means any number. */
export interface GroupSettings {
  readonly startFrom: number | 'start' | 'end'
  readonly resolveLinks: boolean
  readonly extraStatistics: boolean
  readonly messageTimeoutMs: number
  readonly maxRetryCount: number
  readonly checkpointAfterMs: number
  readonly minCheckpointCount: number
  readonly maxCheckpointCount: number
  readonly maxSubscribers: number
  readonly liveBufferSize: number
  readonly readBatchSize: number
  readonly historyBufferSize: number
  readonly strategy: string
}

/** One group as the configuration stream keeps it; `stream` may be `$all`. */
export interface GroupConfig {
  readonly stream: string
  readonly group: string
  readonly filter: FilterOptions | undefined
  readonly settings: GroupSettings
}

export const groupKey = (stream: string, group: string): string => `${stream}::${group}`
export const configStream = '$persistentSubscriptionConfig'
export const checkpointStream = ({ stream, group }: GroupConfig): string =>
  `$persistentsubscription-${groupKey(stream, group)}-checkpoint`
export const parkedStream = ({ stream, group }: GroupConfig): string =>
  `$persistentsubscription-${groupKey(stream, group)}-parked`

const whole = z.number().int().nonnegative()

const storedEntry = z.object({
  stream: z.string(),
  group: z.string(),
  filter: z
    .object({
      on: z.enum(['stream', 'type']),
      regex: z.string(),
      prefixes: z.array(z.string()),
      window: z.number().optional(),
      checkpointMultiplier: z.number(),
    })
    .optional(),
  startFrom: z.union([whole, z.literal('start'), z.literal('end')]),
  resolveLinkTos: z.boolean(),
  extraStatistics: z.boolean(),
  messageTimeout: whole,
  maxRetryCount: whole,
  checkPointAfter: whole,
  minCheckPointCount: whole,
  maxCheckPointCount: whole,
  maxSubscriberCount: whole,
  liveBufferSize: whole,
  readBatchSize: whole,
  historyBufferSize: whole,
  namedConsumerStrategy: z.string(),
})

const storedConfig = z.object({ version: z.literal('2'), entries: z.array(storedEntry) })

export function encodeConfig(groups: Iterable<GroupConfig>, updated: Date): string {
  const entries = [...groups].map(({ stream, group, filter, settings }) => ({
    stream,
    group,
    filter,
    startFrom: settings.startFrom,
    resolveLinkTos: settings.resolveLinks,
    extraStatistics: settings.extraStatistics,
    messageTimeout: settings.messageTimeoutMs,
    maxRetryCount: settings.maxRetryCount,
    checkPointAfter: settings.checkpointAfterMs,
    minCheckPointCount: settings.minCheckpointCount,
    maxCheckPointCount: settings.maxCheckpointCount,
    maxSubscriberCount: settings.maxSubscribers,
    liveBufferSize: settings.liveBufferSize,
    readBatchSize: settings.readBatchSize,
    historyBufferSize: settings.historyBufferSize,
    namedConsumerStrategy: settings.strategy,
  }))
  return JSON.stringify({ version: '2', updated: updated.toISOString(), updatedBy: 'system', entries })
}

export function decodeConfig(json: string): GroupConfig[] {
  return storedConfig.parse(JSON.parse(json)).entries.map((entry) => ({
    stream: entry.stream,
    group: entry.group,
    filter: entry.filter === undefined ? undefined : { ...entry.filter, window: entry.filter.window },
    settings: {
      startFrom: entry.startFrom,
      resolveLinks: entry.resolveLinkTos,
      extraStatistics: entry.extraStatistics,
      messageTimeoutMs: entry.messageTimeout,
      maxRetryCount: entry.maxRetryCount,
      checkpointAfterMs: entry.checkPointAfter,
      minCheckpointCount: entry.minCheckPointCount,
      maxCheckpointCount: entry.maxCheckPointCount,
      maxSubscribers: entry.maxSubscriberCount,
      liveBufferSize: entry.liveBufferSize,
      readBatchSize: entry.readBatchSize,
      historyBufferSize: entry.historyBufferSize,
      strategy: entry.namedConsumerStrategy,
    },
  }))
}
