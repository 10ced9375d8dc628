import { z } from 'zod'

import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { RecordedBody } from '../codec/recorded-event-view.ts'
import type { EventRecord } from '../log/event-record.ts'
import { linkType } from '../log/links.ts'
import { isMetadataStream, parseMetadata, streamOfMetadata } from '../log/stream-metadata.ts'
import { parseJson } from './json.ts'

const jsonObject = z.record(z.string(), z.unknown())
const systemPrefix = '$'
/** On the wire a tombstone has the largest signed 64-bit number. */
const tombstoneText = '9223372036854775807'

/**
 * Users' streams, and the metadata of users' streams. All that projections write is in system streams, so none
 * of them can feed on what it or another has written.
 */
export function isSource({ stream }: EventRecord): boolean {
  if (!stream.startsWith(systemPrefix)) return true
  return isMetadataStream(stream) && !streamOfMetadata(stream).startsWith(systemPrefix)
}

/** An event as the projections see it; what costs something to know is found out once for all of them. */
export class SourceEvent {
  readonly record: EventRecord
  /** The stream that the event is about: of a metadata event, the one that it describes. */
  readonly subject: string
  readonly isMetadata: boolean
  #body: RecordedBody | undefined
  #metadata: Readonly<Record<string, unknown>> | undefined
  #isDeletion: boolean | undefined

  constructor(record: EventRecord) {
    this.record = record
    this.isMetadata = isMetadataStream(record.stream)
    this.subject = this.isMetadata ? streamOfMetadata(record.stream) : record.stream
  }

  get body(): RecordedBody {
    this.#body ??= this.record.body
    return this.#body
  }

  get isLink(): boolean {
    return this.record.type === linkType
  }

  /** Whether with this event its subject is deleted, either way. */
  get isDeletion(): boolean {
    this.#isDeletion ??= this.isMetadata
      ? this.record.type === '$metadata' && parseMetadata(this.body.data).softDeleted
      : this.record.revision === tombstoneRevision
    return this.#isDeletion
  }

  /** What a link to this event says. */
  get target(): string {
    const { revision, stream } = this.record
    return `${revision === tombstoneRevision ? tombstoneText : revision}@${stream}`
  }

  /** The same, but what is a link already is copied, since links are resolved only once. */
  get directTarget(): string | Uint8Array {
    return this.isLink ? this.body.data : this.target
  }

  /** A property of the event's own metadata, if that is JSON and the property a text. */
  text(property: string): string | undefined {
    this.#metadata ??= jsonObject.safeParse(parseJson(this.body.metadata.toString('utf8'))).data ?? {}
    const value = this.#metadata[property]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
}

const seen = new WeakMap<EventRecord, SourceEvent>()

/** The newest records are shared by all readers, and so is what has been found out about them. */
export function sourceEvent(record: EventRecord): SourceEvent {
  const known = seen.get(record)
  if (known !== undefined) return known
  const event = new SourceEvent(record)
  seen.set(record, event)
  return event
}
