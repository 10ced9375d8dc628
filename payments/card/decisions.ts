import { impossible } from '../../eventstore/decision.ts'
import type { PaymentFailure } from '../../domain/payment.ts'
import type { PaymentEvent } from '../events.ts'
import type { CardCharge, Payment } from '../payment.ts'

type Of<T extends PaymentEvent['type']> = Extract<PaymentEvent, { type: T }>['data']
type Identity = Pick<CardCharge, 'orderId' | 'customerId'>

/** The customer's browser may pay by card now. The first intent is the one that counts. */
export const startCard =
  (charge: CardCharge) =>
  (payment: Payment): readonly PaymentEvent[] =>
    payment.status === 'PENDING' && !payment.card ? [{ type: 'CardPaymentStarted', data: charge }] : []

/** A card was declined: once for each time that it was, and only while the payment is open. */
export const declineCard =
  (decline: Of<'CardDeclined'>) =>
  (payment: Payment): readonly PaymentEvent[] =>
    payment.status === 'PENDING' &&
    isSame(payment.card, decline.intentId) &&
    !payment.declines.has(decline.eventId)
      ? [{ type: 'CardDeclined', data: decline }]
      : []

/** A card was charged. That is so, whatever was thought before, and whether anybody knew of the intent. */
export const takeCardMoney =
  (charge: CardCharge) =>
  (payment: Payment): readonly PaymentEvent[] => {
    const { intentId } = charge
    if (payment.status === 'SUCCEEDED')
      return payment.intentId === intentId
        ? []
        : impossible(`an order that is paid twice: by ${payment.intentId ?? 'its wallet'} and by ${intentId}`)
    return [{ type: 'PaymentSucceeded', data: charge }]
  }

/** The processor lets the intent go although the order is open: no card can pay it any more. */
export const failCard =
  (charge: CardCharge, failure: PaymentFailure) =>
  (payment: Payment): readonly PaymentEvent[] => {
    if (payment.status !== 'PENDING' || !isSame(payment.card, charge.intentId)) return []
    const { intentId: _, ...asked } = charge
    return [{ type: 'PaymentFailed', data: { ...asked, failure } }]
  }

/** The order has ended before any card could pay it: nobody may begin to. */
export const closeUnstarted =
  ({ orderId, customerId }: Identity) =>
  (payment: Payment): readonly PaymentEvent[] =>
    payment.status === 'PENDING' && !payment.card
      ? [{ type: 'PaymentCancelled', data: { orderId, customerId } }]
      : []

/** The order has ended, and the processor has let the intent go: it has failed where the order did for its cards. */
export const closeCard =
  ({ orderId, customerId }: Identity, failure: PaymentFailure | undefined) =>
  (payment: Payment): readonly PaymentEvent[] => {
    if (payment.status !== 'PENDING') return []
    if (!payment.card) return [{ type: 'PaymentCancelled', data: { orderId, customerId } }]
    const { intentId, ...asked } = payment.card
    return failure
      ? [{ type: 'PaymentFailed', data: { ...asked, failure } }]
      : [{ type: 'PaymentCancelled', data: { orderId, customerId, intentId } }]
  }

/** Whether a payment is about that intent: the one that was begun, or one of which only the processor has told. */
const isSame = (card: CardCharge | undefined, intentId: string): boolean =>
  card === undefined || card.intentId === intentId
