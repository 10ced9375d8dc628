import type { OrderFailure } from '../domain/payment.ts'

const MESSAGES = {
  NO_WALLET: 'There is no wallet to pay from.',
  CURRENCY_MISMATCH: 'The wallet is in another currency than the price.',
  INSUFFICIENT_FUNDS: 'The wallet does not hold enough.',
} as const

export const failureResolvers = {
  OrderFailure: {
    message: ({ reason }: OrderFailure) => MESSAGES[reason],
  },
}
