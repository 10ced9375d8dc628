import { OrderId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import { derivedId } from '../../eventstore/idempotency.ts'
import { begin, follow } from '../../eventstore/metadata.ts'
import { giveUp, pay } from '../../orders/lifecycle.ts'
import { order, place } from '../../orders/order.ts'
import type { NewOrder } from '../../orders/order.ts'
import type { Verdict } from '../../payments/chargeWallet.ts'
import { payment, settle } from '../../payments/payment.ts'
import { appendTo, tell } from './append.ts'
import type { Append, Telling, Told } from './append.ts'
import type { Customer } from './customers.ts'
import type { Wallets } from './wallets.ts'

/** An order, and the event that its next step follows from. */
interface Step {
  readonly order: NewOrder
  readonly cause: Told
}
export type Placed = Step
export type Charged = Step & { readonly verdict: Verdict }
export type Settled = Charged

/** Milliseconds that a customer has to pay. */
const PAYMENT_TIMEOUT = 600_000

/**
 * The way of an order through the shop, one step at a time: each is what a service would append when it meets
 * the step before. The debit goes into the customer's wallet, where it waits for the wallet's other events.
 */
export const orderSteps = (wallets: Wallets, telling: Telling) => ({
  place: (
    customer: Customer,
    key: string,
    price: Money,
    description: string,
  ): { append: Append; placed: Placed } => {
    const placedAt = telling.now()
    const orderId = OrderId.parse(derivedId('order', customer.id, key))
    const placed: NewOrder = {
      orderId,
      customerId: customer.id,
      price,
      description,
      lines: [],
      fromCart: false,
      paymentMethod: 'WALLET',
      placedAt: placedAt.toISOString(),
      payBy: new Date(placedAt.getTime() + PAYMENT_TIMEOUT).toISOString(),
    }
    const decided = place(placed)(order.initial)
    if (isRefusal(decided)) throw new Error(`order ${orderId} is placed twice`)
    const { events, last } = tell(order, decided, begin(telling.newId(), customer.id), telling)
    return { append: appendTo(order, orderId, -1, events), placed: { order: placed, cause: last } }
  },

  charge: ({ order, cause }: Placed): Charged => ({
    order,
    cause,
    verdict: wallets.charge(order, follow(cause, 'payments')),
  }),

  settle: ({ order, cause, verdict }: Charged): { append: Append; settled: Settled } => {
    const { orderId, customerId, price, paymentMethod: method } = order
    const decided = settle({ orderId, customerId, method, price, orderRevision: 0 }, verdict)(payment.initial)
    const { events, last } = tell(payment, decided, follow(cause, 'payments'), telling)
    return { append: appendTo(payment, orderId, -1, events), settled: { order, cause: last, verdict } }
  },

  finish: ({ order: { orderId, customerId, price, paymentMethod }, cause, verdict }: Settled): Append => {
    const decide = verdict ? giveUp(verdict) : pay()
    const waiting = { status: 'AWAITING_PAYMENT', orderId, customerId, price, paymentMethod } as const
    const decided = decide({ ...waiting, stock: undefined })
    return appendTo(order, orderId, 0, tell(order, decided, follow(cause, 'orders'), telling).events)
  },
})
