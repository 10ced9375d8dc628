import type { AllReader } from '../log/all-reader.ts'
import { compileFilter, isHidden, matchesAll } from '../log/event-filter.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { EventLog } from '../log/event-log.ts'
import { linkType, resolveLink } from '../log/links.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import type { GroupConfig } from './settings.ts'

/** Where a group's events come from: each has a sequence number, and there is a first after any number. */
export interface Source {
  /** Sequence number of the last event there is, -1 if there is none. */
  last(): number
  /** Events with at least this number. */
  read(from: number, limit: number): readonly EventRecord[]
  sequenceOf(record: EventRecord): number
  matches(record: EventRecord): boolean
  /** The group's own bookkeeping, which must not count as progress. */
  isBookkeeping(record: EventRecord): boolean
  textOf(sequence: number): string
  numberOf(text: string): number
}

export interface Readers {
  readonly log: EventLog
  readonly all: AllReader
  readonly streams: StreamReader
}

export const allStream = '$all'

export function createSource(readers: Readers, config: GroupConfig): Source {
  return config.stream === allStream ? allSource(readers, config) : streamSource(readers, config)
}

function allSource({ log, all }: Readers, { filter }: GroupConfig): Source {
  const matches = filter === undefined ? matchesAll : compileFilter(filter)
  return {
    last: () => log.lastPosition,
    read: (from, limit) => all.forward(from, limit),
    sequenceOf: (record) => record.position,
    matches: (record) => !isHidden(record) && matches(record),
    isBookkeeping: isHidden,
    textOf: (position) => `C:${position}/P:${position}`,
    numberOf: (text) => Number(/^C:(-?\d+)\/P:/u.exec(text)?.[1] ?? Number.NaN),
  }
}

function streamSource({ log, streams }: Readers, { stream }: GroupConfig): Source {
  return {
    last: () => log.heads.get(stream).committed,
    read: (from, limit) => {
      let start: number | undefined = from
      while (start !== undefined) {
        const page = streams.forward(stream, start, limit)
        if (page.kind !== 'events') return []
        if (page.records.length > 0) return page.records
        start = page.next
      }
      return []
    },
    sequenceOf: (record) => record.revision,
    matches: () => true,
    isBookkeeping: () => false,
    textOf: String,
    numberOf: Number,
  }
}

/** The two records that a client gets: a link with its target, where links are to be resolved. */
export function resolve(
  streams: StreamReader,
  record: EventRecord,
  resolveLinks: boolean,
): { event: EventRecord | undefined; link: EventRecord | undefined } {
  if (!resolveLinks || record.type !== linkType) return { event: record, link: undefined }
  return { event: resolveLink(streams, record), link: record }
}
