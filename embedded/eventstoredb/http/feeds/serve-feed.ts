import type { NodeContext } from '../../services/context.ts'
import { jsonAnswer, type Answer } from '../answers.ts'
import type { LinkReading } from '../event-view.ts'
import type { Exchange } from '../exchange.ts'
import type { Waiting } from '../waiting.ts'
import { forEver, forNow } from './caching.ts'
import { eTagOf, isKnown } from './etag.ts'
import { eventsOf, feedOf } from './feed.ts'
import type { Page, PageRequest, PageResult } from './page.ts'
import { poll } from './poll.ts'
import { eventsType, presentation } from './request.ts'
import { noStream, streamGone, type FeedSource } from './source.ts'

interface Seen {
  readonly result: PageResult
  /** Where the source ended when the page was read. */
  readonly last: number
}

/** A page of a stream or of the log. At the end of it, who is patient gets what comes next. */
export async function serveFeed(
  context: NodeContext,
  waiting: Waiting,
  exchange: Exchange,
  source: FeedSource,
  request: PageRequest,
): Promise<Answer> {
  const { stream } = source
  const shown = presentation(exchange)
  const known = exchange.header('if-none-match')
  // Truncation takes events from the other end of the page, which is why their number counts.
  const tagOf = ({ records: [newest, ...others] }: Page): string =>
    eTagOf(newest === undefined ? -1 : source.placeOf(newest), [
      shown.type,
      shown.embed,
      shown.resolveLinks,
      request.count,
      others.length,
    ])
  const { result, last } = await poll(waiting, {
    read: async (): Promise<Seen> => {
      // Each time anew: rights may end while a request waits.
      source.demand(exchange.principal)
      return { last: source.last(), result: await source.read(request) }
    },
    isEnough: ({ result }) => {
      if (result.kind === 'deleted') return true
      if (request.direction === 'forward') return result.kind === 'page' && result.records.length > 0
      return result.kind === 'missing' || !isHead(request) || !isKnown(known, tagOf(result))
    },
    stream: source.awaited,
    mark: source.last,
    patienceMs: shown.patienceMs,
    gone: exchange.gone,
  })
  if (result.kind === 'missing') throw noStream(stream)
  if (result.kind === 'deleted') throw streamGone(stream)

  const eTag = isHead(request) ? tagOf(result) : undefined
  const caching = isFinal(request, result, last) ? forEver(context, stream) : forNow(context, stream)
  const extra = eTag === undefined ? caching : { ...caching, etag: `"${eTag}"` }
  if (eTag !== undefined && isKnown(known, eTag)) return { status: 304, extra }
  const options = { type: shown.type, extra }
  const links = linkReading(context, exchange, shown.resolveLinks)
  if (shown.type === eventsType) return jsonAnswer(eventsOf(result, links), options)
  const { base } = exchange
  const neighbours = source.neighbours(request, result, last)
  const parts = {
    title: source.title,
    stream,
    base,
    uri: base + source.path,
    page: result,
    neighbours,
    eTag,
  }
  return jsonAnswer(feedOf(parts, links, shown.embed), options)
}

export const linkReading = (
  { streams, access }: NodeContext,
  { principal }: Exchange,
  resolveLinks: boolean,
): LinkReading => ({
  streams,
  resolveLinks,
  mayRead: (stream) => access.allowsStream(principal, 'read', stream),
})

const isHead = ({ from, direction }: PageRequest): boolean => from === 'head' && direction === 'backward'

/** Whether the page will always be the same, but for what truncation takes from it. */
function isFinal({ from, direction }: PageRequest, page: Page, last: number): boolean {
  return direction === 'forward' ? page.full : from !== 'head' && from <= last
}
