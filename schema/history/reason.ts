import type { PaymentFailure } from '../../domain/payment.ts'
import { written } from './money.ts'

/** Why it could not be paid, as the rest of a sentence. */
export const reasonOf = (failure: PaymentFailure): string => {
  switch (failure.reason) {
    case 'NO_WALLET':
      return 'there was no wallet to pay from'
    case 'CURRENCY_MISMATCH':
      return 'the wallet was in another currency than the price'
    case 'INSUFFICIENT_FUNDS':
      return `the wallet was short by ${written(failure.shortBy)}`
    case 'EXPIRED':
      return 'the payment deadline had passed'
    default:
      return failure satisfies never
  }
}
