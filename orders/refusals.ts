import { amountOutOfRange, idempotencyConflict } from '../domain/refusals.ts'
import type { IdempotencyConflict } from '../eventstore/requests.ts'
import type { CancelRefusal } from './lifecycle.ts'
import type { PricingRefusal } from './pricing.ts'
import type { RefundRefusal } from './refund.ts'
import { written } from '../domain/written.ts'

/** As a client names it, which may be no sku at all. */
export type UnknownProduct = { readonly code: 'UNKNOWN_PRODUCT'; readonly sku: string }
export type OrderRefusal =
  IdempotencyConflict | PricingRefusal | CancelRefusal | RefundRefusal | UnknownProduct

/** What a customer or an admin is told when an order can't be what they want. */
export const orderRefusal = (refused: OrderRefusal) => {
  switch (refused.code) {
    case 'IDEMPOTENCY_CONFLICT':
      return idempotencyConflict
    case 'AMOUNT_OUT_OF_RANGE':
      return amountOutOfRange
    case 'EMPTY_ORDER':
      return { kind: 'EmptyOrder', message: 'There is nothing in this order.' } as const
    case 'TOO_MANY_LINES': {
      const { most } = refused
      const message = `An order has at most ${most} different products.`
      return { kind: 'TooManyLines', message, most } as const
    }
    case 'QUANTITY_OUT_OF_RANGE': {
      const { most } = refused
      const message = `Of each product, 1 to ${most} pieces can be ordered.`
      return { kind: 'QuantityOutOfRange', message, most } as const
    }
    case 'UNKNOWN_PRODUCT': {
      const { sku } = refused
      return { kind: 'UnknownProduct', message: 'There is no such product.', sku } as const
    }
    case 'MIXED_CURRENCIES':
      return {
        kind: 'MixedCurrencies',
        message: 'These products are priced in several currencies; order them one currency at a time.',
      } as const
    case 'NO_ORDER':
      return { kind: 'OrderNotFound', message: 'There is no such order.' } as const
    case 'ALREADY_PAID':
      return {
        kind: 'OrderAlreadyPaid',
        message: 'This order is paid and can’t be cancelled; the shop can give the money back.',
      } as const
    case 'ALREADY_FAILED':
      return { kind: 'OrderAlreadyFailed', message: 'This order has failed already.' } as const
    case 'NOT_PAID':
      return { kind: 'OrderNotPaid', message: 'Nothing was paid for this order.' } as const
    case 'MORE_THAN_REMAINS': {
      const { remaining } = refused
      const message =
        remaining.amount === 0
          ? 'Everything that was paid is given back already, or on its way.'
          : `At most ${written(remaining)} can still be given back.`
      return { kind: 'MoreThanRemains', message, remaining } as const
    }
    case 'WRONG_CURRENCY': {
      const { currency } = refused
      return {
        kind: 'WrongCurrency',
        message: `This order was paid in ${currency}.`,
        currency,
      } as const
    }
    default:
      return refused satisfies never
  }
}
