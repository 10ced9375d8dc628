import type { OrderFailure, PaymentFailure } from '../../domain/payment.ts'
import type { PaymentEvent } from '../events.ts'
import type { Payment } from '../payment.ts'
import { chargeFor } from './charge.ts'
import { closeCard, failCard } from './decisions.ts'
import type { Intent } from './intent.ts'
import type { KnownOrder } from './order.ts'

/**
 * The processor has cancelled an intent. If its order is over, that is as we wanted it. If not, somebody else did it,
 * and the order can't be paid any more.
 */
export const letGo = (order: KnownOrder, { id }: Intent): ((payment: Payment) => readonly PaymentEvent[]) =>
  order.status === 'OVER'
    ? closeCard(order, declinedIn(order.failure))
    : failCard(chargeFor(order, id), { reason: 'CARD_PAYMENT_CANCELLED' })

/** An order that has failed for its cards is a payment that has; another end is none of the payment's doing. */
const declinedIn = (failure: OrderFailure | undefined): PaymentFailure | undefined =>
  failure?.reason === 'CARD_DECLINED' ? failure : undefined
