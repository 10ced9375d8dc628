import Stripe from 'stripe'
import { Unavailable } from '../../eventstore/faults.ts'

/** The processor of cards said no, for good: `code` in its words, `param` where one of the inputs is why. */
export class CardRefused extends Error {
  override readonly name = 'CardRefused'
  readonly code: string
  readonly param: string | undefined

  constructor(code: string, param?: string, cause?: Error) {
    super(`the card processor refused: ${code}`, { cause })
    this.code = code
    this.param = param
  }
}

const { StripeInvalidRequestError, StripeCardError, StripeError, StripeIdempotencyError } = Stripe.errors

/** Said while another request with the same key is being worked on. */
const BUSY: ReadonlySet<unknown> = new Set(['lock_timeout', 'idempotency_key_in_use'])

/**
 * What went wrong with a call, in the tree's words. Whatever isn't a "no" to this very request may be over the next
 * time: no answer, too many requests, trouble there, also a key that is not accepted (settings can be mended). The
 * same key with another input is a defect of ours, and stays what it is.
 */
export const faultOf = (what: string, fault: unknown): unknown => {
  if (!(fault instanceof StripeError)) return fault
  const { code, param, statusCode } = fault
  const isBusy = BUSY.has(code) || statusCode === 409 || statusCode === 429
  if (fault instanceof StripeIdempotencyError && !isBusy) return fault
  if ((fault instanceof StripeInvalidRequestError || fault instanceof StripeCardError) && !isBusy)
    return new CardRefused(code ?? 'invalid_request', param, fault)
  return new Unavailable(`the card processor: ${what} failed`, { cause: fault })
}
