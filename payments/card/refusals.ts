import type { CardPaymentRefusal } from './commands.ts'

/** What a customer is told when an order can't be paid by card. */
export const cardRefusal = (refused: CardPaymentRefusal) => {
  switch (refused.code) {
    case 'NO_ORDER':
      return { kind: 'OrderNotFound', message: 'There is no such order.' } as const
    case 'NOT_BY_CARD':
      return { kind: 'OrderNotByCard', message: 'This order is paid from the wallet.' } as const
    case 'NOT_RESERVED':
      return {
        kind: 'OrderNotReserved',
        message: 'The products of this order are being reserved; try again in a moment.',
      } as const
    case 'ALREADY_PAID':
      return { kind: 'OrderAlreadyPaid', message: 'This order is paid already.' } as const
    case 'ORDER_OVER':
      return {
        kind: 'OrderNotPayable',
        message: 'This order has failed or was cancelled; place a new one.',
      } as const
    case 'DEADLINE_PASSED':
      return {
        kind: 'OrderNotPayable',
        message: 'The payment deadline of this order has passed; place a new one.',
      } as const
    case 'NOT_CHARGEABLE':
      return {
        kind: 'NotChargeable',
        message:
          refused.because === 'CURRENCY'
            ? 'Cards can’t be charged in the currency of this order.'
            : 'Cards can’t be charged this amount; it is too small or too large.',
      } as const
    default:
      return refused satisfies never
  }
}
