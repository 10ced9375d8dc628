import type { NodeContext } from '../../services/context.ts'
import { metadataStream } from '../../log/stream-metadata.ts'
import { endpoints } from '../endpoint.ts'
import type { Exchange } from '../exchange.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../site.ts'
import type { Waiting } from '../waiting.ts'
import type { Answer } from '../answers.ts'
import { allSource, allStream } from './all-source.ts'
import { allPageRequest, pageRequest, revisionParam } from './request.ts'
import { serveFeed } from './serve-feed.ts'
import { serveEvent } from './single-event.ts'
import { serveMetadata } from './stream-metadata.ts'
import { streamSource } from './stream-source.ts'

/** Streams as feeds of pages, and their events. */
export function feedRoutes(context: NodeContext, waiting: Waiting): Routes {
  const page = (exchange: Exchange, from: string, direction: string, count?: string): Promise<Answer> => {
    const stream = exchange.param('stream')
    const parts = { from, direction, count }
    return stream === allStream
      ? serveFeed(context, waiting, exchange, allSource(context), allPageRequest(parts))
      : serveFeed(context, waiting, exchange, streamSource(context, stream), pageRequest(parts))
  }
  return (router) => {
    const on = endpoints(router, context)
    on('GET', '/streams/:stream', (exchange) => page(exchange, 'head', 'backward'))
    on('GET', '/streams/:stream/metadata', (exchange) =>
      serveMetadata(context, exchange, metadataStream(exchange.param('stream'))),
    )
    on('GET', '/streams/:stream/:event', (exchange) => {
      const stream = exchange.param('stream')
      if (stream === allStream)
        throw new Problem(404, 'Events have no numbers in $all: read them in their streams.')
      return serveEvent(context, exchange, stream, revisionParam(exchange.param('event')))
    })
    on('GET', '/streams/:stream/:event/:count', (exchange) =>
      page(exchange, exchange.param('event'), 'backward', exchange.param('count')),
    )
    on('GET', '/streams/:stream/:event/:direction/:count', (exchange) =>
      page(exchange, exchange.param('event'), exchange.param('direction'), exchange.param('count')),
    )
  }
}
