import { ann, eur, noon, orderId } from '../../domain/controls.ts'
import type { PaymentFailure } from '../../domain/payment.ts'
import type { PaymentEvent } from '../events.ts'
import type { CardCharge } from '../payment.ts'

type Of<T extends PaymentEvent['type']> = Extract<PaymentEvent, { type: T }>

/** The payment by card of an order of 1.00 EUR, in one word, for tests. */
export const charge = (intentId = 'pi_1'): CardCharge => ({
  orderId: orderId(1),
  customerId: ann,
  method: 'CARD',
  price: eur(100),
  orderRevision: 0,
  intentId,
})

export const decline = (n = 1, intentId = 'pi_1'): Of<'CardDeclined'>['data'] => ({
  orderId: orderId(1),
  customerId: ann,
  intentId,
  declineCode: 'insufficient_funds',
  declinedAt: new Date(noon.getTime() + n * 1_000).toISOString(),
  eventId: `evt_${n}`,
})

const { intentId, ...asked } = charge()

export const started = (): Of<'CardPaymentStarted'> => ({ type: 'CardPaymentStarted', data: charge() })
export const declined = (n = 1): Of<'CardDeclined'> => ({ type: 'CardDeclined', data: decline(n) })
export const charged = (): Of<'PaymentSucceeded'> => ({ type: 'PaymentSucceeded', data: charge() })
export const cardFailed = (failure: PaymentFailure): Of<'PaymentFailed'> => ({
  type: 'PaymentFailed',
  data: { ...asked, failure },
})
/** Called off, after it was begun or before. */
export const calledOff = (wasBegun = true): Of<'PaymentCancelled'> => ({
  type: 'PaymentCancelled',
  data: { orderId: orderId(1), customerId: ann, ...(wasBegun ? { intentId } : {}) },
})
