import type { OrderFailure, PaymentFailure, RefundFailure } from './payment.ts'
import { written } from './written.ts'

/** Why it could not be had, paid or given back, as the rest of a sentence. */
export const reasonOf = (failure: OrderFailure | PaymentFailure | RefundFailure): string => {
  switch (failure.reason) {
    case 'NO_WALLET':
      return 'there was no wallet'
    case 'CURRENCY_MISMATCH':
      return 'the wallet was in another currency than the price'
    case 'INSUFFICIENT_FUNDS':
      return `the wallet was short by ${written(failure.shortBy)}`
    case 'OUT_OF_STOCK':
      return `not enough was in stock: ${failure.missing.map(inWords).join('; ')}`
    case 'AMOUNT_OUT_OF_RANGE':
      return 'the wallet would hold more than a wallet may'
    case 'EXPIRED':
      return 'the payment deadline had passed'
    case 'CARD_DECLINED':
      return `the card was declined (${spoken(failure.declineCode)})`
    case 'CARD_PAYMENT_CANCELLED':
      return 'the payment by card was cancelled at the card processor'
    case 'CARD_REFUND_REFUSED':
      return `the card processor refused it (${spoken(failure.code)})`
    default:
      return failure satisfies never
  }
}

/** The same as a sentence of its own. */
export const sentenceOf = (failure: Parameters<typeof reasonOf>[0]): string => {
  const clause = reasonOf(failure)
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}

/** The processor's code as words: `insufficient_funds` is insufficient funds. */
const spoken = (code: string): string => code.replaceAll('_', ' ')

type Missing = Extract<OrderFailure, { reason: 'OUT_OF_STOCK' }>['missing'][number]

const inWords = ({ sku, wanted, available }: Missing): string => `${available} of ${wanted} ${sku}`
