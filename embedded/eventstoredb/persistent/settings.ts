import type { FilterOptions } from '../codec/filter.ts'
import type { StartFrom } from './start-from.ts'

/** What a group is set to, apart from its source; times in milliseconds, 0 subscribers means any number. */
export interface GroupSettings {
  readonly startFrom: StartFrom
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

export interface GroupName {
  /** May be `$all`. */
  readonly stream: string
  readonly group: string
}

/** One group as the configuration stream keeps it. */
export interface GroupConfig extends GroupName {
  readonly filter: FilterOptions | undefined
  readonly settings: GroupSettings
}

export const allStream = '$all'

export const groupKey = ({ stream, group }: GroupName): string => `${stream}::${group}`
export const configStream = '$persistentSubscriptionConfig'
export const checkpointStream = (name: GroupName): string =>
  `$persistentsubscription-${groupKey(name)}-checkpoint`
export const parkedStream = (name: GroupName): string => `$persistentsubscription-${groupKey(name)}-parked`
