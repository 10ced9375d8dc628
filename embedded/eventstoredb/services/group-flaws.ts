import type { GroupRequest } from '../codec/persistent-requests.ts'
import { allStream, type GroupSettings } from '../persistent/settings.ts'
import { createSource, type Readers } from '../persistent/source.ts'
import { createStrategy } from '../persistent/strategy.ts'

const counts = [
  'messageTimeoutMs',
  'maxRetryCount',
  'checkpointAfterMs',
  'minCheckpointCount',
  'maxCheckpointCount',
  'maxSubscribers',
  'liveBufferSize',
  'historyBufferSize',
] as const satisfies (keyof GroupSettings)[]

/** What no group can be set to, in words. A malformed filter is refused by what compiles it. */
export function flawOf(readers: Readers, request: GroupRequest): string | undefined {
  const { stream, group, source, filter, settings } = request
  if (stream === '') return 'A source stream is required.'
  if (group === '') return 'A group name is required.'
  if (stream === allStream && source === 'stream') return `${allStream} is no stream of its own.`
  if (createStrategy(settings.strategy) === undefined) return `Unknown consumer strategy ${settings.strategy}`
  const negative = counts.find((name) => settings[name] < 0)
  if (negative !== undefined) return `${negative} must not be negative`
  if (settings.readBatchSize <= 0) return 'The read batch size must be at least 1'
  if (settings.readBatchSize >= settings.historyBufferSize) {
    return 'The read batch size must be smaller than the history buffer size'
  }
  createSource(readers, { stream, group, filter, settings })
  return flawOfStart(readers, settings)
}

function flawOfStart({ log }: Readers, { startFrom }: GroupSettings): string | undefined {
  if (typeof startFrom === 'number') {
    return Number.isSafeInteger(startFrom)
      ? undefined
      : 'The start revision lies beyond what a stream can hold'
  }
  if (typeof startFrom === 'string') return undefined
  if (startFrom.prepare > startFrom.commit) return 'The prepare position lies beyond the commit position'
  if (startFrom.commit > log.lastPosition) return 'The start position lies beyond the end of the log'
  return undefined
}
