import { readEvent, viewOf, type LinkReading } from '../event-view.ts'
import {
  author,
  contentOf,
  entryOf,
  streamUri,
  type Embed,
  type EventContent,
  type FeedEntry,
  type Link,
} from '../feed-entry.ts'
import type { Page } from './page.ts'

/** A page of a stream, as Atom in JSON. */
export interface Feed {
  readonly title: string
  readonly id: string
  readonly updated: string
  readonly streamId: string
  readonly author: { readonly name: string }
  readonly headOfStream: boolean
  readonly selfUrl?: string
  readonly eTag?: string
  readonly links: readonly Link[]
  readonly entries: readonly FeedEntry[]
}

/** Where the pages around this one are; undefined where there is none. */
export interface Neighbours {
  /** Towards the start. */
  readonly next: string | undefined
  /** Towards the head: after the newest event, where also what is new will be. */
  readonly previous: string | undefined
  /** The page at the start, unless this is it. */
  readonly last: string | undefined
  readonly first: string
}

interface FeedParts {
  readonly title: string
  readonly stream: string
  /** Address of the stream. */
  readonly uri: string
  readonly base: string
  readonly page: Page
  readonly neighbours: Neighbours
  /** Set for the page at the head, which changes. */
  readonly eTag: string | undefined
}

const neverUpdated = '0001-01-01T00:00:00Z'

export function feedOf(parts: FeedParts, links: LinkReading, embed: Embed): Feed {
  const { uri, base, page, neighbours, eTag } = parts
  const newest = page.records[0]
  const linkTo = (relation: string, path: string | undefined): Link[] =>
    path === undefined ? [] : [{ uri: `${uri}/${path}`, relation }]
  return {
    title: parts.title,
    id: uri,
    updated: newest === undefined ? neverUpdated : viewOf(newest).created.toISOString(),
    streamId: parts.stream,
    author,
    headOfStream: eTag !== undefined,
    ...(eTag === undefined ? {} : { selfUrl: uri, eTag }),
    links: [
      { uri, relation: 'self' },
      ...linkTo('first', neighbours.first),
      ...linkTo('last', neighbours.last),
      ...linkTo('next', neighbours.next),
      ...linkTo('previous', neighbours.previous),
      { uri: `${streamUri(base, parts.stream)}/metadata`, relation: 'metadata' },
    ],
    entries: page.records.map((record) => entryOf(readEvent(record, links), embed, base)),
  }
}

/** The same page as its events alone, in the form in which events are posted. */
export const eventsOf = ({ records }: Page, links: LinkReading): EventContent[] =>
  records.map((record) => contentOf(viewOf(readEvent(record, links).event)))
