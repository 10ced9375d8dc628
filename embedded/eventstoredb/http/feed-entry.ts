import { jsonValue, originalOf, prettyText, viewOf, type EventView, type ReadEvent } from './event-view.ts'
import { wholeJson } from './verbatim-json.ts'

/** How much of its events a feed shows. */
export const embeds = ['none', 'content', 'rich', 'body', 'pretty', 'tryharder'] as const
export type Embed = (typeof embeds)[number]

export interface Link {
  readonly uri: string
  readonly relation: string
}

type JsonNumber = number | object

/** What `rich` and more show of an event. */
export interface RichFields {
  readonly eventId: string
  readonly eventType: string
  readonly eventNumber: JsonNumber
  readonly data?: string
  readonly metaData?: string
  readonly linkMetaData?: string
  readonly streamId: string
  readonly isJson: boolean
  readonly isMetaData: boolean
  readonly isLinkMetaData: boolean
  readonly positionEventNumber: JsonNumber
  readonly positionStreamId: string
}

export interface EventContent {
  readonly eventStreamId: string
  readonly eventNumber: JsonNumber
  readonly eventType: string
  readonly eventId: string
  readonly data: unknown
  readonly metadata: unknown
}

export interface FeedEntry extends Partial<RichFields> {
  readonly title: string
  readonly id: string
  readonly updated: string
  readonly author: { readonly name: string }
  readonly summary: string
  readonly content?: EventContent
  readonly links: readonly Link[]
}

export const author = { name: 'EventStore' }

/** Where a stream is found; `base` is the node's address without a slash at the end. */
export const streamUri = (base: string, stream: string): string =>
  `${base}/streams/${encodeURIComponent(stream)}`

/** One event as an entry of a feed. A resolved link shows the event that it points to. */
export function entryOf(read: ReadEvent, embed: Embed, base: string): FeedEntry {
  const view = viewOf(read.event)
  const uri = `${streamUri(base, view.stream)}/${view.number}`
  return {
    ...(embed === 'none' || embed === 'content' ? {} : richFields(read, view, embed)),
    title: `${view.number}@${view.stream}`,
    id: uri,
    updated: view.created.toISOString(),
    author,
    summary: view.type,
    ...(embed === 'content' ? { content: contentOf(view) } : {}),
    links: [
      { uri, relation: 'edit' },
      { uri, relation: 'alternate' },
    ],
  }
}

/** The event itself: JSON as JSON, other texts as texts, and nothing of what is neither. */
export function contentOf(view: EventView): EventContent {
  return {
    eventStreamId: view.stream,
    eventNumber: wholeJson(view.number),
    eventType: view.type,
    eventId: view.id,
    data: view.isJson ? (jsonValue(view.data)?.value ?? view.data ?? '') : (view.data ?? ''),
    metadata: jsonValue(view.metadata)?.value ?? view.metadata ?? '',
  }
}

function richFields(read: ReadEvent, view: EventView, embed: Embed): RichFields {
  const original = viewOf(originalOf(read))
  // Who tries harder also shows as JSON what its writer didn't say is JSON.
  const asJson = view.isJson || (embed === 'tryharder' && isJson(view.data))
  // Metadata has no content type: it is shown if it is JSON.
  const metaData = isJson(view.metadata) ? view.metadata : undefined
  const linkMetaData = read.link !== undefined && isJson(original.metadata) ? original.metadata : undefined
  return {
    eventId: view.id,
    eventType: view.type,
    eventNumber: wholeJson(view.number),
    ...bodies({ data: asJson ? view.data : undefined, metaData, linkMetaData }, embed),
    streamId: view.stream,
    isJson: asJson,
    isMetaData: metaData !== undefined,
    isLinkMetaData: linkMetaData !== undefined,
    positionEventNumber: wholeJson(original.number),
    positionStreamId: original.stream,
  }
}

type Bodies = Pick<RichFields, 'data' | 'metaData' | 'linkMetaData'>

/** The texts that there are, as far as they are to be shown. */
function bodies(texts: { [Key in keyof Bodies]-?: string | undefined }, embed: Embed): Bodies {
  if (embed === 'rich') return {}
  const laidOut = embed === 'body' ? (text: string): string => text : prettyText
  const { data, metaData, linkMetaData } = texts
  return {
    ...(data === undefined ? {} : { data: laidOut(data) }),
    ...(metaData === undefined ? {} : { metaData: laidOut(metaData) }),
    ...(linkMetaData === undefined ? {} : { linkMetaData: laidOut(linkMetaData) }),
  }
}

const isJson = (text: string | undefined): boolean => jsonValue(text) !== undefined
