import type { OrderId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentFailure } from '../domain/payment.ts'
import { nothingRemembered, recall, remember } from '../eventstore/remembered.ts'
import type { Remembered } from '../eventstore/remembered.ts'

/** What a wallet needs to know of an order that asks to be paid. */
export interface OrderToPay {
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly price: Money
  readonly placedAt: string
  readonly payBy: string
  /** Set after a search in the wallet's stream: up to when orders were forgotten at the time of the search. */
  readonly searchedUpTo?: string
}

interface Verdict {
  readonly placedAt: string
  /** Undefined: debited. */
  readonly failure: PaymentFailure | undefined
}

/**
 * The orders that a wallet has debited or refused. The memory is bounded, and exact all the same: it knows up
 * to which placing time orders may have been forgotten, and says so instead of guessing.
 */
export interface DecidedOrders {
  readonly verdicts: Remembered<Verdict>
  /** Orders placed at or before this time may be forgotten; empty if none is. */
  readonly forgottenUpTo: string
}

/** Orders that a wallet knows again: at least this many, at most twice as many. */
export const REMEMBERED_ORDERS = 5_000

export const nothingDecided: DecidedOrders = { verdicts: nothingRemembered(), forgottenUpTo: '' }

export const record = (
  orders: DecidedOrders,
  { orderId, placedAt }: { orderId: OrderId; placedAt: string },
  failure: PaymentFailure | undefined,
): DecidedOrders => {
  const verdicts = remember(orders.verdicts, orderId, { placedAt, failure }, REMEMBERED_ORDERS)
  const forgets = verdicts.older !== orders.verdicts.older
  return {
    verdicts,
    forgottenUpTo: forgets
      ? orders.verdicts.older.reduce(
          (latest, v) => (v.placedAt > latest ? v.placedAt : latest),
          orders.forgottenUpTo,
        )
      : orders.forgottenUpTo,
  }
}

export type Knowledge =
  | { readonly known: 'YES'; readonly failure: PaymentFailure | undefined }
  | { readonly known: 'NO' }
  | { readonly known: 'FORGOTTEN'; readonly upTo: string }

/** What was decided about an order; a search made since the last forgetting counts as knowing. */
export const decidedOn = (
  { verdicts, forgottenUpTo }: DecidedOrders,
  { orderId, placedAt, searchedUpTo }: OrderToPay,
): Knowledge => {
  const verdict = recall(verdicts, orderId)
  if (verdict) return { known: 'YES', failure: verdict.failure }
  return placedAt > forgottenUpTo || searchedUpTo === forgottenUpTo
    ? { known: 'NO' }
    : { known: 'FORGOTTEN', upTo: forgottenUpTo }
}
