import { z } from 'zod'

import { linkType } from '../log/links.ts'
import { defaultCategoryQuery, parseCategoryQuery } from './category.ts'
import { parseJson } from './json.ts'
import type { SourceEvent } from './source-event.ts'

/** What a projection makes of an event: one event in a stream of its own, mostly a link. */
export interface Emission {
  readonly stream: string
  readonly type: string
  readonly data: string | Uint8Array
  /** What its metadata says beside the usual. */
  readonly extra?: Readonly<Record<string, unknown>>
}

export type Project = (event: SourceEvent) => Emission | undefined

export interface SystemProjection {
  readonly name: string
  readonly handler: string
  readonly defaultQuery: string
  /** The projection as its query configures it, undefined if the query makes no sense. */
  readonly configure: (query: string) => Project | undefined
  /** A stream that says up to where the streams of this projection are complete. */
  readonly index?: string
}

/** Type of the events in `$category-…`, whose data is the name of a stream. */
const streamReferenceType = '$@'
const correlationProperty = '$correlationId'

const link = (stream: string, data: string | Uint8Array, extra?: Emission['extra']): Emission => ({
  stream,
  type: linkType,
  data,
  ...(extra === undefined ? {} : { extra }),
})

const isFirst = (event: SourceEvent): boolean => event.record.revision === 0 && !event.isMetadata

/** A projection that can't be configured. */
const fixed =
  (project: Project) =>
  (query: string): Project | undefined =>
    query === '' ? project : undefined

const streams: SystemProjection = {
  name: '$streams',
  handler: 'IndexStreams',
  defaultQuery: '',
  configure: fixed((event) => (isFirst(event) ? link('$streams', event.target) : undefined)),
}

const streamByCategory: SystemProjection = {
  name: '$stream_by_category',
  handler: 'CategorizeStreamByPath',
  defaultQuery: defaultCategoryQuery,
  configure: (query) => {
    const categoryOf = parseCategoryQuery(query)
    if (categoryOf === undefined) return undefined
    return (event) => {
      const category = isFirst(event) ? categoryOf(event.subject) : undefined
      if (category === undefined) return undefined
      return { stream: `$category-${category}`, type: streamReferenceType, data: event.subject }
    }
  },
}

const byCategory: SystemProjection = {
  name: '$by_category',
  handler: 'CategorizeEventsByStreamPath',
  defaultQuery: defaultCategoryQuery,
  configure: (query) => {
    const categoryOf = parseCategoryQuery(query)
    if (categoryOf === undefined) return undefined
    return (event) => {
      // Of a stream's metadata only that the stream is deleted matters to those who follow its category.
      if (event.isMetadata && !event.isDeletion) return undefined
      const category = categoryOf(event.subject)
      if (category === undefined) return undefined
      const origin = { $o: event.subject }
      const extra = event.isDeletion ? { ...origin, $deleted: -1 } : origin
      return link(`$ce-${category}`, event.directTarget, extra)
    }
  },
}

const byEventType: SystemProjection = {
  name: '$by_event_type',
  handler: 'IndexEventsByEventType',
  defaultQuery: '',
  index: '$et',
  configure: fixed((event) => {
    if (event.isLink) return undefined
    return link(`$et-${event.isDeletion ? '$deleted' : event.record.type}`, event.target)
  }),
}

const correlationQuery = z.object({ correlationIdProperty: z.string().min(1) })

const byCorrelationId: SystemProjection = {
  name: '$by_correlation_id',
  handler: 'ByCorrelationId',
  defaultQuery: JSON.stringify({ correlationIdProperty: correlationProperty }),
  configure: (query) => {
    const property = correlationQuery.safeParse(parseJson(query)).data?.correlationIdProperty
    if (property === undefined) return undefined
    return (event) => {
      const correlation = event.text(property)
      if (correlation === undefined) return undefined
      const $eventTimestamp = new Date(event.body.createdMs).toISOString()
      return link(`$bc-${correlation}`, event.directTarget, { $eventTimestamp })
    }
  },
}

/** In the order in which a fresh database registers them, which numbers them. */
export const systemProjections: readonly SystemProjection[] = [
  streams,
  streamByCategory,
  byCategory,
  byEventType,
  byCorrelationId,
]
