import type { NodeContext } from '../../services/context.ts'
import { jsonAnswer, type Answer } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { requireStream } from '../guard.ts'
import { forNow } from './caching.ts'
import { serveEvent } from './single-event.ts'

/** What is said about a stream. Of a stream that nothing is said about, that is nothing. */
export function serveMetadata(
  context: NodeContext,
  exchange: Exchange,
  metadataStream: string,
): Answer | Promise<Answer> {
  const page = context.streams.backward(metadataStream, 0, 1)
  if (page.kind !== 'missing') return serveEvent(context, exchange, metadataStream, 'head')
  requireStream(context.access, exchange.principal, 'read', metadataStream)
  return jsonAnswer({}, { extra: forNow(context, metadataStream) })
}
