import { isUtf8 } from 'node:buffer'

import { z } from 'zod'

import type { ProposedEvent } from '../../codec/recorded-event.ts'
import { jsonValue } from '../event-view.ts'
import { Problem } from '../problem.ts'

/** Events as they are posted in one JSON array. Anything may be an event's data. */
const postedEvents = z
  .array(
    z.object({
      eventId: z.guid(),
      eventType: z.string().min(1),
      data: z.unknown().optional(),
      metadata: z.unknown().optional(),
    }),
  )
  .min(1, 'There must be at least one event.')

export const noMetadata = Buffer.alloc(0)

export function parseEvents(body: Buffer): ProposedEvent[] {
  const parsed = postedEvents.safeParse(parseJson(body))
  if (!parsed.success) throw new Problem(400, `These are no events:\n${z.prettifyError(parsed.error)}`)
  return parsed.data.map(({ eventId, eventType, data, metadata }) => ({
    id: eventId.toLowerCase(),
    type: eventType,
    json: typeof data !== 'string',
    data: bytesOf(data),
    metadata: bytesOf(metadata),
  }))
}

/** Throws unless it is JSON, and so text in UTF-8. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new Problem(400, 'The body is empty.')
  const parsed = isUtf8(body) ? jsonValue(body.toString('utf8')) : undefined
  if (parsed === undefined) throw new Problem(400, 'The body is not JSON.')
  return parsed.value
}

/** A text stands for itself, so that also what isn't JSON can be posted; everything else is JSON. */
const bytesOf = (value: unknown): Buffer =>
  value === undefined
    ? noMetadata
    : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8')
