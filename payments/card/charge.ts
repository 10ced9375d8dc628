import type { CardCharge } from '../payment.ts'
import type { Intent } from './intent.ts'
import type { KnownOrder } from './order.ts'

/** The processor took another sum than the order's: somebody has to look into that, and nothing counts as paid. */
export class WrongSum extends Error {
  override readonly name = 'WrongSum'
}

/** An intent as the payment of an order, for the order's price. */
export const chargeFor = (
  { orderId, customerId, price, dueRevision: orderRevision }: KnownOrder,
  intentId: string,
): CardCharge => ({ orderId, customerId, method: 'CARD', price, orderRevision, intentId })

/** The same of an intent that was paid. Throws `WrongSum` unless it was paid with exactly the order's price. */
export const chargeOf = (order: KnownOrder, { id, received, currency }: Intent): CardCharge => {
  const { amount, currency: wanted } = order.price
  if (received !== amount || currency !== wanted)
    throw new WrongSum(
      `${id} took ${received} ${currency} for order ${order.orderId}, which costs ${amount} ${wanted}`,
    )
  return chargeFor(order, id)
}
