import { GrammyError, HttpError } from 'grammy'
import { z } from 'zod'
import { NOT_CONNECTED } from './connections.ts'
import type { Delay, DeliveryFailure } from './events.ts'

/** What became of a request to Telegram. */
export type Outcome =
  | { readonly status: 'DONE' }
  /** It was not carried out, and may be asked for again. */
  | {
      readonly status: 'NOT_YET'
      readonly reason: Delay
      /** Milliseconds for which Telegram wants to be left alone. */
      readonly retryAfter?: number
      readonly why: string
    }
  /** It was not carried out, and never will be. */
  | { readonly status: 'NEVER'; readonly reason: DeliveryFailure; readonly why: string }
  /** Perhaps it was carried out. */
  | { readonly status: 'UNKNOWN'; readonly why: string }
export type Fault = Exclude<Outcome, { status: 'DONE' }>

const NotConnected = z.object({ code: z.literal(NOT_CONNECTED) })

/**
 * What a fault of the library's means. Its words may contain the bot's token (as part of an address), so nothing of
 * them goes further than here; Telegram's own words may.
 */
export const faultOf = (fault: unknown): Fault => {
  if (fault instanceof HttpError)
    return NotConnected.safeParse(fault.error).success
      ? { status: 'NOT_YET', reason: 'UNREACHABLE', why: 'Telegram can’t be reached' }
      : { status: 'UNKNOWN', why: 'the request broke off, or its answer makes no sense' }
  if (!(fault instanceof GrammyError)) throw fault
  const why = `Telegram answers ${fault.error_code}: ${fault.description}`
  switch (fault.error_code) {
    case 429: {
      const { retry_after: seconds = 1 } = fault.parameters
      return { status: 'NOT_YET', reason: 'RATE_LIMITED', retryAfter: seconds * 1_000, why }
    }
    // An unknown token makes an address that is not found.
    case 401:
    case 404:
      return { status: 'NOT_YET', reason: 'TOKEN_REFUSED', why }
    case 403:
      return { status: 'NEVER', reason: 'BLOCKED', why }
    case 400:
      return { status: 'NEVER', reason: isGone(fault) ? 'CHAT_NOT_FOUND' : 'REJECTED', why }
    default:
      return { status: 'UNKNOWN', why }
  }
}

const isGone = ({ description, parameters }: GrammyError): boolean =>
  parameters.migrate_to_chat_id !== undefined ||
  /chat not found|peer_id_invalid|group chat was (upgraded|deleted|deactivated)/i.test(description)
