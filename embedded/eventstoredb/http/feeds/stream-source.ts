import type { NodeContext } from '../../services/context.ts'
import { streamUri } from '../feed-entry.ts'
import { requireStream } from '../guard.ts'
import type { Neighbours } from './feed.ts'
import { streamPage, type Page, type PageRequest } from './page.ts'
import type { FeedSource } from './source.ts'

/** One stream, its pages found by event numbers. */
export function streamSource(context: NodeContext, stream: string): FeedSource {
  return {
    title: `Event stream '${stream}'`,
    stream,
    path: streamUri('', stream),
    demand: (principal) => requireStream(context.access, principal, 'read', stream),
    awaited: stream,
    last: () => context.log.heads.get(stream).committed,
    placeOf: (record) => record.revision,
    read: (request) => streamPage(context, stream, request),
    neighbours,
  }
}

function neighbours({ from, direction, count }: PageRequest, page: Page, last: number): Neighbours {
  const newest = page.records[0]
  const oldest = page.records.at(-1)
  const towardsHead = (number: number): string => `${number}/forward/${count}`
  const towardsStart = (number: number): string => `${number}/backward/${count}`
  const shared = { first: `head/backward/${count}`, last: page.atStart ? undefined : towardsHead(0) }
  if (direction === 'forward') {
    const start = from === 'head' ? last + 1 : from
    return {
      ...shared,
      next: page.atStart ? undefined : towardsStart(start - 1),
      previous: newest === undefined ? undefined : towardsHead(newest.revision + 1),
    }
  }
  const top = newest?.revision ?? (from === 'head' ? last : from)
  return {
    ...shared,
    next: page.atStart || oldest === undefined ? undefined : towardsStart(oldest.revision - 1),
    previous: towardsHead(top + 1),
  }
}
