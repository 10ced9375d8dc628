import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { AllReader } from '../log/all-reader.ts'
import { compileFilter, isHidden, matchesAll } from '../log/event-filter.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { EventLog } from '../log/event-log.ts'
import { linkType, resolveLink } from '../log/links.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import { allStream, type GroupConfig, type GroupName } from './settings.ts'
import { parsePosition, positionText, type StartFrom } from './start-from.ts'

export interface SourcePage {
  readonly records: readonly EventRecord[]
  /** Where the page after this one starts. */
  readonly next: number
  readonly atEnd: boolean
}

/** Where a group's events come from: each has a sequence number, and there is a first after any number. */
export interface Source {
  /** Whether most events may not be wanted. */
  readonly filtered: boolean
  /** The number that no event has reached yet. */
  end(): number
  /** Events with at least this number. */
  read(from: number, limit: number): SourcePage
  sequenceOf(record: EventRecord): number
  /** The least number that the next event may have. */
  after(record: EventRecord): number
  matches(record: EventRecord): boolean
  /** What an event that is not wanted adds to the group's progress: the node's own bookkeeping nothing. */
  weightOf(record: EventRecord): number
  textOf(sequence: number): string
  numberOf(text: string): number | undefined
}

/** What groups need of the log. */
export interface Readers {
  readonly log: EventLog
  readonly all: AllReader
  readonly streams: StreamReader
}

/** Throws a refusal if the group's filter is none. */
export function createSource(readers: Readers, config: GroupConfig): Source {
  return config.stream === allStream ? allSource(readers, config) : streamSource(readers, config)
}

/** The number of the first event that a group without a checkpoint gets. */
export function firstSequence(source: Source, start: StartFrom): number {
  if (start === 'start') return 0
  if (start === 'end') return source.end()
  return typeof start === 'number' ? start : start.commit
}

function allSource({ log, all }: Readers, { filter }: GroupConfig): Source {
  const matches = filter === undefined ? matchesAll : compileFilter(filter)
  return {
    filtered: filter !== undefined,
    end: () => log.visibleEnd,
    read: (from, limit) => {
      const records = all.forward(from, limit)
      const next = records.at(-1)?.next
      if (next === undefined && from <= log.lastPosition) {
        throw new Error(`The log can't be read at position ${from}.`)
      }
      return { records, next: next ?? from, atEnd: next === undefined || next >= log.visibleEnd }
    },
    sequenceOf: (record) => record.position,
    after: (record) => record.next,
    matches: (record) => !isHidden(record) && matches(record),
    weightOf: (record) => (isHidden(record) ? 0 : 1),
    textOf: (position) => positionText({ commit: position, prepare: position }),
    numberOf: (text) => parsePosition(text)?.commit,
  }
}

const tombstoneText = '9223372036854775807'

function streamSource({ log, streams }: Readers, { stream }: GroupName): Source {
  return {
    filtered: false,
    end: () => log.heads.get(stream).committed + 1,
    read: (from, limit) => {
      const page = streams.forward(stream, from, limit)
      if (page.kind !== 'events') return { records: [], next: from, atEnd: true }
      const { records, next } = page
      if (next !== undefined) return { records, next, atEnd: false }
      return { records, next: Math.max(from, log.heads.get(stream).committed + 1), atEnd: true }
    },
    sequenceOf: (record) => record.revision,
    after: (record) => record.revision + 1,
    matches: () => true,
    weightOf: () => 1,
    textOf: (revision) => (revision === tombstoneRevision ? tombstoneText : String(revision)),
    numberOf: (text) => {
      if (text === tombstoneText) return tombstoneRevision
      return /^\d+$/u.test(text) ? Number(text) : undefined
    },
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
