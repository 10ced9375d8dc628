import type { NodeContext } from '../../services/context.ts'
import { endpoints } from '../endpoint.ts'
import type { Exchange } from '../exchange.ts'
import type { Routes } from '../site.ts'
import { deleteStream } from './delete-stream.ts'
import { postEvents } from './post-events.ts'
import { postMetadata } from './post-metadata.ts'

/** What changes streams. */
export function postingRoutes(context: NodeContext): Routes {
  const events = (exchange: Exchange) => postEvents(context, exchange, exchange.param('stream'))
  const metadata = (exchange: Exchange) => postMetadata(context, exchange)
  return (router) => {
    const on = endpoints(router, context)
    on('POST', '/streams/:stream', events)
    on('POST', '/streams/:stream/incoming/:id', events)
    on('POST', '/streams/:stream/metadata', metadata)
    on('POST', '/streams/:stream/metadata/incoming/:id', metadata)
    on('DELETE', '/streams/:stream', (exchange) => deleteStream(context, exchange))
  }
}
