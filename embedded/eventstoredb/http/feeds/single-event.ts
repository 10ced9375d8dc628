import { viewOf, readEvent, type ReadEvent } from '../event-view.ts'
import type { NodeContext } from '../../services/context.ts'
import { negotiate } from '../accept.ts'
import { jsonAnswer, type Answer } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { contentOf, entryOf } from '../feed-entry.ts'
import { requireStream } from '../guard.ts'
import { Problem, refuseHttp } from '../problem.ts'
import { forEver, forNow } from './caching.ts'
import { streamPage } from './page.ts'
import { atomType, eventsType, jsonType, embedOf, flag } from './request.ts'
import { linkReading } from './serve-feed.ts'
import { noStream, streamGone } from './source.ts'

const bytesType = 'application/octet-stream'
const types = [atomType, jsonType, eventsType, bytesType] as const

/** One event: its data alone, or all that is known of it. */
export async function serveEvent(
  context: NodeContext,
  exchange: Exchange,
  stream: string,
  number: number | 'head',
): Promise<Answer> {
  const type = negotiate(exchange.header('accept'), types)
  if (type === undefined) refuseHttp(406, `An event can be had as ${types.join(', ')}; XML isn't served.`)
  requireStream(context.access, exchange.principal, 'read', stream)
  const page = await streamPage(context, stream, { from: number, direction: 'backward', count: 1 })
  if (page.kind === 'missing') throw noStream(stream)
  if (page.kind === 'deleted') throw streamGone(stream)
  const [record] = page.records
  if (record === undefined || (number !== 'head' && record.revision !== number)) {
    throw new Problem(404, `The stream ${stream} has no event ${number}.`)
  }
  const read = readEvent(record, linkReading(context, exchange, flag(exchange, 'es-resolvelinktos', true)))
  const extra = number === 'head' ? forNow(context, stream) : forEver(context, stream)
  if (type === bytesType || type === jsonType) return { ...dataAlone(read, type), extra }
  const value = type === eventsType ? [contentOf(viewOf(read.event))] : entry(exchange, read)
  return jsonAnswer(value, { type, extra })
}

/** As it was written, not a byte different. */
function dataAlone({ event }: ReadEvent, type: typeof bytesType | typeof jsonType): Answer {
  const { json, data } = event.body
  if (type === jsonType && !json) {
    refuseHttp(406, `The data of this event isn't JSON. It can be had as ${bytesType} or in ${atomType}.`)
  }
  return { status: 200, type: json ? `${jsonType}; charset=utf-8` : bytesType, body: data }
}

function entry(exchange: Exchange, read: ReadEvent): unknown {
  const embed = embedOf(exchange)
  const content = contentOf(viewOf(read.event))
  return { ...entryOf(read, embed, exchange.base), content }
}
