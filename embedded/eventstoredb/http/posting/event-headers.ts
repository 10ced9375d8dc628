import { isUtf8 } from 'node:buffer'

import { z } from 'zod'

import type { Exchange } from '../exchange.ts'
import { Problem } from '../problem.ts'

const eventId = z.guid()

/** Where the body is an event's data alone, its type is in a header. */
export function eventTypeOf(exchange: Exchange): string {
  const type = exchange.header('es-eventtype')?.trim() ?? ''
  if (type === '')
    throw new Problem(400, 'An event needs a type: in the body, or in the ES-EventType header.')
  // HTTP hands headers on byte by byte; what a client sends as UTF-8 has to be put together again.
  const bytes = Buffer.from(type, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : type
}

/** Its id is in the path or in a header; undefined if it has none yet. */
export function eventIdOf(exchange: Exchange): string | undefined {
  const text = exchange.param('id') || exchange.header('es-eventid')?.trim()
  if (text === undefined) return undefined
  const id = eventId.safeParse(text)
  if (!id.success) throw new Problem(400, `${text} is no UUID, as an event's id must be.`)
  return id.data.toLowerCase()
}

export function mediaTypeOf(exchange: Exchange): string {
  const [type = ''] = (exchange.header('content-type') ?? '').split(';', 1)
  return type.trim().toLowerCase()
}
