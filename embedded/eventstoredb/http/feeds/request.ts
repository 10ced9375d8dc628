import { z } from 'zod'

import { tombstoneRevision } from '../../codec/recorded-event.ts'
import { negotiate } from '../accept.ts'
import type { Exchange } from '../exchange.ts'
import type { Embed } from '../feed-entry.ts'
import { Problem, refuseHttp } from '../problem.ts'
import type { PageRequest } from './page.ts'

export const atomType = 'application/vnd.eventstore.atom+json'
export const jsonType = 'application/json'
export const eventsType = 'application/vnd.eventstore.events+json'

export type FeedType = typeof atomType | typeof jsonType | typeof eventsType

/** How a feed, or an event, is to be shown. */
export interface Presentation {
  readonly type: FeedType
  readonly embed: Embed
  readonly resolveLinks: boolean
  /** Milliseconds that a client is ready to wait for something new. */
  readonly patienceMs: number
}

const pageLength = 20
const maxPageLength = 1000
const maxPatienceSeconds = 60

/** By all the names that a real node knows them by, in lower case. */
const embedNames: Readonly<Record<string, Embed>> = {
  none: 'none',
  content: 'content',
  rich: 'rich',
  body: 'body',
  pretty: 'pretty',
  prettybody: 'pretty',
  tryharder: 'tryharder',
}

const seconds = z.coerce.number().nonnegative()

export function presentation(exchange: Exchange): Presentation {
  const type = negotiate(exchange.header('accept'), [atomType, jsonType, eventsType])
  if (type === undefined) {
    refuseHttp(406, `Streams can be had as ${atomType}, ${jsonType} or ${eventsType}; XML isn't served.`)
  }
  const embed = embedOf(exchange)
  const poll = seconds.safeParse(exchange.header('es-longpoll') ?? 0)
  if (!poll.success) refuseHttp(400, 'ES-LongPoll must be a number of seconds.')
  const patienceMs = Math.min(poll.data, maxPatienceSeconds) * 1000
  return { type, embed, resolveLinks: flag(exchange, 'es-resolvelinktos', true), patienceMs }
}

export function embedOf(exchange: Exchange): Embed {
  const name = exchange.query('embed') ?? 'none'
  return embedNames[name.toLowerCase()] ?? refuseHttp(400, `There is no way to embed events called ${name}.`)
}

/** A header that says yes or no. */
export function flag(exchange: Exchange, header: string, otherwise: boolean): boolean {
  const value = exchange.header(header)?.trim().toLowerCase()
  if (value === undefined || value === '') return otherwise
  if (value === 'true' || value === 'false') return value === 'true'
  return refuseHttp(400, `${header} must be True or False.`)
}

/** An event's number; numbers beyond the largest are as good as the largest. */
export function revisionParam(text: string): number | 'head' {
  if (text === 'head') return 'head'
  if (!/^\d{1,19}$/u.test(text)) throw new Problem(400, `${text} is no event number, nor head.`)
  return Math.min(Number(text), tombstoneRevision)
}

/** Large pages are cut to what is good for both sides; their links lead on from there. */
function countParam(text: string): number {
  const count = /^\d{1,9}$/u.test(text) ? Number(text) : 0
  if (count < 1) throw new Problem(400, `${text} is no number of events to read.`)
  return Math.min(count, maxPageLength)
}

function directionParam(text: string): PageRequest['direction'] {
  if (text === 'forward' || text === 'backward') return text
  throw new Problem(400, `Streams are read forward or backward, not ${text}.`)
}

/** A page of a stream, by the parts of its path. */
export const pageRequest = (parts: {
  from: string
  direction: string
  count: string | undefined
}): PageRequest => ({
  from: revisionParam(parts.from),
  direction: directionParam(parts.direction),
  count: parts.count === undefined ? pageLength : countParam(parts.count),
})

/** A place in the log as 16 hexadecimal digits for commit and as many for prepare, which here are the same. */
function positionParam(text: string): number | 'head' {
  if (text === 'head') return 'head'
  const digits = /^([0-9a-f]{16})[0-9a-f]{16}$/iu.exec(text)?.[1]
  const position = digits === undefined ? Number.NaN : Number.parseInt(digits, 16)
  if (!Number.isSafeInteger(position)) throw new Problem(400, `${text} is no position in the log, nor head.`)
  return position
}

/** A page of the whole log, by the parts of its path. */
export const allPageRequest = (parts: {
  from: string
  direction: string
  count: string | undefined
}): PageRequest => ({
  ...pageRequest({ ...parts, from: 'head' }),
  from: positionParam(parts.from),
})

export function positionText(position: number): string {
  const digits = position.toString(16).toUpperCase().padStart(16, '0')
  return digits + digits
}
