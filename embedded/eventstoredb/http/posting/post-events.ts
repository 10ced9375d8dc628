import { randomUUID } from 'node:crypto'

import type { ProposedEvent } from '../../codec/recorded-event.ts'
import { defaultLimits, Intake, streamFlaw } from '../../services/append-limits.ts'
import type { NodeContext } from '../../services/context.ts'
import { refused } from '../../services/stream-errors.ts'
import { demandCapacity } from '../../services/write-capacity.ts'
import { StatusError } from '../../grpc/status.ts'
import { redirect, textAnswer, type Answer } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { numberText } from '../event-view.ts'
import { streamUri } from '../feed-entry.ts'
import { allStream } from '../feeds/all-source.ts'
import { eventsType, jsonType } from '../feeds/request.ts'
import { requireStream } from '../guard.ts'
import { Problem, refuseHttp } from '../problem.ts'
import { eventIdOf, eventTypeOf, mediaTypeOf } from './event-headers.ts'
import { expectedVersion } from './expected.ts'
import { noMetadata, parseEvents, parseJson } from './proposals.ts'
import { written } from './written.ts'

const bytesType = 'application/octet-stream'

/** Around and inside of events JSON takes room that the limit on their size doesn't count. */
const maxBodySize = 4 * defaultLimits.append

/** Appends what is posted: several events with all about them, or the data of one with the rest in headers. */
export async function postEvents(context: NodeContext, exchange: Exchange, stream: string): Promise<Answer> {
  const mediaType = mediaTypeOf(exchange)
  if (mediaType !== eventsType && mediaType !== jsonType && mediaType !== bytesType) {
    refuseHttp(415, `Events are posted as ${eventsType}, ${jsonType} or ${bytesType}.`)
  }
  checkWritable(context, exchange, stream)
  if (mediaType === eventsType) {
    return append(context, exchange, stream, parseEvents(await exchange.body(maxBodySize)))
  }
  const type = eventTypeOf(exchange)
  const id = eventIdOf(exchange)
  if (id === undefined) return towardsId(streamUri(exchange.base, stream))
  const data = await exchange.body(defaultLimits.append)
  const json = mediaType === jsonType
  if (json) parseJson(data)
  return append(context, exchange, stream, [{ id, type, json, data, metadata: noMetadata }])
}

export function checkWritable({ access, log }: NodeContext, exchange: Exchange, stream: string): void {
  requireStream(access, exchange.principal, 'write', stream)
  const flaw = stream === allStream ? 'Nobody writes to $all itself.' : streamFlaw(stream)
  if (flaw !== undefined) throw new Problem(400, flaw)
  demandCapacity(log)
}

/** Where a client without ids may post, again and again if it must, what will then be one event. */
export const towardsId = (uri: string): Answer =>
  redirect(307, `${uri}/incoming/${randomUUID()}`, 'Forwarding to idempotent URI')

export async function append(
  { log }: NodeContext,
  exchange: Exchange,
  stream: string,
  events: readonly ProposedEvent[],
): Promise<Answer> {
  const intake = new Intake(defaultLimits)
  for (const event of events) {
    const refusal = intake.take({ ...event, hasContentType: true })
    if (refusal?.kind === 'MaximumAppendSizeExceeded') {
      refuseHttp(413, `The events of one append have at most ${refusal.limit} bytes.`)
    }
    if (refusal !== undefined) throw new StatusError(refused(refusal))
  }
  const expected = expectedVersion(exchange)
  const { revision } = await written(stream, (done) =>
    log.append({ stream, expected, events: intake.events }, done),
  )
  const first = numberText(revision - events.length + 1)
  return {
    ...textAnswer('', { status: 201 }),
    extra: { location: `${streamUri(exchange.base, stream)}/${first}` },
  }
}
