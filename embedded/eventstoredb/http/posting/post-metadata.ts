import { z } from 'zod'

import type { ProposedEvent } from '../../codec/recorded-event.ts'
import { metadataStream } from '../../log/stream-metadata.ts'
import type { NodeContext } from '../../services/context.ts'
import type { Answer } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { streamUri } from '../feed-entry.ts'
import { eventsType, jsonType } from '../feeds/request.ts'
import { Problem, refuseHttp } from '../problem.ts'
import { eventIdOf, mediaTypeOf } from './event-headers.ts'
import { append, checkWritable, towardsId } from './post-events.ts'
import { noMetadata, parseEvents, parseJson } from './proposals.ts'

const metadataType = '$metadata'
const maxMetadataSize = 256 * 1024

const settings = z.record(z.string(), z.unknown())

/** Sets what is said about a stream, all of it anew: an object as it is, or as the data of one event. */
export async function postMetadata(context: NodeContext, exchange: Exchange): Promise<Answer> {
  const mediaType = mediaTypeOf(exchange)
  if (mediaType !== eventsType && mediaType !== jsonType) {
    refuseHttp(415, `Metadata is posted as ${eventsType} or ${jsonType}.`)
  }
  const owner = exchange.param('stream')
  const stream = metadataStream(owner)
  checkWritable(context, exchange, stream)
  if (mediaType === eventsType) {
    const [event, ...others] = parseEvents(await exchange.body(maxMetadataSize))
    if (event === undefined || others.length > 0) throw new Problem(400, 'Metadata is the data of one event.')
    return append(context, exchange, stream, [checked({ ...event, type: metadataType, json: true })])
  }
  const id = eventIdOf(exchange)
  if (id === undefined) return towardsId(`${streamUri(exchange.base, owner)}/metadata`)
  const data = await exchange.body(maxMetadataSize)
  const event = { id, type: metadataType, json: true, data, metadata: noMetadata }
  return append(context, exchange, stream, [checked(event)])
}

/** What is no object would count as no metadata at all, which nobody means who posts it. */
function checked(event: ProposedEvent): ProposedEvent {
  const isObject = settings.safeParse(parseJson(Buffer.from(event.data))).success
  if (!isObject) throw new Problem(400, 'Metadata must be a JSON object.')
  return event
}
