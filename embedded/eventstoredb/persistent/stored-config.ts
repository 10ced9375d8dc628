import { z } from 'zod'

import { allStream, type GroupConfig } from './settings.ts'
import { parseStart, startText } from './start-from.ts'

/** All groups in one event, as a real node stores them. A member that is missing there has its zero value. */
const whole = z.number().int().nonnegative().default(0)
const flag = z.boolean().default(false)

const start = z.string().transform((text, context) => {
  const parsed = parseStart(text)
  if (parsed !== undefined) return parsed
  context.addIssue(`${text} is no position.`)
  return z.NEVER
})

const filter = z.object({
  on: z.enum(['stream', 'type']),
  regex: z.string(),
  prefixes: z.array(z.string()),
  window: z
    .number()
    .optional()
    .transform((window) => window),
  checkpointMultiplier: z.number(),
})

const storedEntry = z.object({
  stream: z.string(),
  group: z.string(),
  filter: filter.optional(),
  startPosition: start.optional(),
  resolveLinkTos: flag,
  extraStatistics: flag,
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

const storedConfig = z.object({ version: z.literal('2'), entries: z.array(storedEntry).default([]) })

export interface Change {
  readonly at: Date
  readonly by: string
}

export function encodeConfig(groups: Iterable<GroupConfig>, { at, by }: Change): string {
  const entries = [...groups].map(({ stream, group, filter, settings }): z.input<typeof storedEntry> => ({
    stream,
    group,
    filter: filter === undefined ? undefined : { ...filter, prefixes: [...filter.prefixes] },
    startPosition: startText(settings.startFrom, { all: stream === allStream }),
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
  return JSON.stringify({ version: '2', updated: at.toISOString(), updatedBy: by, entries })
}

/** Throws if it is not what `encodeConfig` writes. */
export function decodeConfig(json: string): GroupConfig[] {
  const parsed = storedConfig.safeParse(JSON.parse(json))
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  return parsed.data.entries.map((entry) => ({
    stream: entry.stream,
    group: entry.group,
    filter: entry.filter,
    settings: {
      startFrom: entry.startPosition ?? 'start',
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
