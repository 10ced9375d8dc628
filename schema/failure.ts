import type { OrderFailure } from '../domain/payment.ts'

/** Why an order failed, as the schema's `OrderFailure` is resolved from. */
export type Failure = OrderFailure & { readonly currency: string }

const MESSAGES = {
  NO_WALLET: 'There is no wallet to pay from.',
  CURRENCY_MISMATCH: 'The wallet is in another currency than the price.',
  INSUFFICIENT_FUNDS: 'The wallet does not hold enough.',
} as const

export const failureResolvers = {
  OrderFailure: {
    shortBy: (failure: Failure) =>
      failure.reason === 'INSUFFICIENT_FUNDS'
        ? { amount: failure.shortBy, currency: failure.currency }
        : null,
    message: ({ reason }: Failure) => MESSAGES[reason],
  },
}
