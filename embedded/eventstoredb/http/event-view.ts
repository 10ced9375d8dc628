import { isUtf8 } from 'node:buffer'

import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { EventRecord } from '../log/event-record.ts'
import { linkType, resolveLink } from '../log/links.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import { parseVerbatim } from './verbatim-json.ts'

/** What a reader meets at one place of a stream: an event, or a link with the event that it points to. */
export interface ReadEvent {
  readonly event: EventRecord
  /** The link that led to `event`, where links are resolved and this one could be. */
  readonly link: EventRecord | undefined
}

/** How links are read: as the events that they point to, as far as these may be seen, or as themselves. */
export interface LinkReading {
  readonly streams: StreamReader
  readonly resolveLinks: boolean
  /** A link leads nowhere for whom its target is closed, or anyone could read any stream by a link to it. */
  readonly mayRead: (stream: string) => boolean
}

export function readEvent(record: EventRecord, { streams, resolveLinks, mayRead }: LinkReading): ReadEvent {
  const target = resolveLinks && record.type === linkType ? resolveLink(streams, record) : undefined
  if (target === undefined || !mayRead(target.stream)) return { event: record, link: undefined }
  return { event: target, link: record }
}

/** The record at the place that was read: the link, if there is one. */
export const originalOf = ({ event, link }: ReadEvent): EventRecord => link ?? event

/** An event for people to look at: texts instead of bytes. */
export interface EventView {
  readonly stream: string
  /** In digits, because that of a tombstone is larger than a double can be. */
  readonly number: string
  readonly id: string
  readonly type: string
  readonly created: Date
  readonly isJson: boolean
  /** Undefined if the data is no text. */
  readonly data: string | undefined
  readonly metadata: string | undefined
}

export function viewOf(record: EventRecord): EventView {
  const { createdMs, json, data, metadata } = record.body
  return {
    stream: record.stream,
    number: numberText(record.revision),
    id: record.id,
    type: record.type,
    created: new Date(createdMs),
    isJson: json,
    data: textOf(data),
    metadata: textOf(metadata),
  }
}

const largestNumber = '9223372036854775807'

export const numberText = (revision: number): string =>
  revision === tombstoneRevision ? largestNumber : String(revision)

/** The value of a JSON text, its numbers as they are written; undefined if it is none. */
export function jsonValue(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined
  try {
    return { value: parseVerbatim(text) }
  } catch {
    return undefined
  }
}

/** Laid out for reading, if it is JSON. */
export function prettyText(text: string): string {
  const parsed = jsonValue(text)
  return parsed === undefined ? text : JSON.stringify(parsed.value, undefined, 2)
}

const textOf = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? bytes.toString('utf8') : undefined)
