import type { Stripe } from 'stripe'
import type { wholeLog } from './promises.ts'

type Log = Awaited<ReturnType<typeof wholeLog>>

/** What became of an order and its money. */
export interface OrderBooks {
  /** In the smallest unit: what the card was charged, and what of it is back. */
  readonly charged: number
  readonly refunded: number
  /** How often money was taken: never more than once. */
  readonly charges: number
  readonly currency: string | undefined
  readonly intents: readonly string[]
}
export interface ShopBooks extends OrderBooks {
  readonly status: 'OPEN' | 'PAID' | 'CANCELLED' | 'FAILED'
}

const empty: OrderBooks = { charged: 0, refunded: 0, charges: 0, currency: undefined, intents: [] }

/** The processor's books, order by order; and what went wrong with its cards. */
export const processorBooks = async (
  stripe: Stripe,
): Promise<{ readonly orders: ReadonlyMap<string, OrderBooks>; readonly declines: number }> => {
  const orders = new Map<string, OrderBooks>()
  const orderOf = new Map<string, string>()
  let declines = 0
  for await (const { id, metadata, currency } of stripe.paymentIntents.list({ limit: 100 })) {
    const orderId = metadata['order_id'] ?? ''
    orderOf.set(id, orderId)
    const before = orders.get(orderId) ?? empty
    orders.set(orderId, { ...before, currency: currency.toUpperCase(), intents: [...before.intents, id] })
  }
  for await (const { payment_intent, paid, amount, amount_refunded } of stripe.charges.list({ limit: 100 })) {
    if (!paid) declines++
    const orderId = orderOf.get(typeof payment_intent === 'string' ? payment_intent : '') ?? ''
    const before = orders.get(orderId) ?? empty
    if (paid)
      orders.set(orderId, {
        ...before,
        charges: before.charges + 1,
        charged: before.charged + amount,
        refunded: before.refunded + amount_refunded,
      })
  }
  return { orders, declines }
}

/** The shop's books, from its log. */
export const shopBooks = (log: Log): ReadonlyMap<string, ShopBooks> => {
  const orders = new Map<string, ShopBooks>()
  const change = (orderId: string, books: (before: ShopBooks) => Partial<ShopBooks>) => {
    const before = orders.get(orderId) ?? { ...empty, status: 'OPEN' }
    orders.set(orderId, { ...before, ...books(before) })
  }
  for (const { type, data } of log) {
    if (type === 'OrderPlaced') change(data.orderId, () => ({}))
    if (type === 'OrderPaid') change(data.orderId, () => ({ status: 'PAID' }))
    if (type === 'OrderCancelled') change(data.orderId, () => ({ status: 'CANCELLED' }))
    if (type === 'OrderFailed') change(data.orderId, () => ({ status: 'FAILED' }))
    if (type === 'CardPaymentStarted')
      change(data.orderId, ({ intents }) => ({
        intents: [...intents, data.intentId],
        currency: data.price.currency,
      }))
    if (type === 'PaymentSucceeded')
      change(data.orderId, ({ charges, charged }) => ({
        charges: charges + 1,
        charged: charged + data.price.amount,
      }))
    if (type === 'PaymentRefunded')
      change(data.orderId, ({ refunded }) => ({ refunded: refunded + data.amount.amount }))
  }
  return orders
}

/** Where the two differ, in words; an order that has no intent is not in the processor's books. */
export const differences = (
  shop: ReadonlyMap<string, ShopBooks>,
  processor: ReadonlyMap<string, OrderBooks>,
): readonly string[] => {
  const shown = ({ charged, refunded, charges, currency, intents }: OrderBooks) =>
    JSON.stringify({ charged, refunded, charges, currency, intents })
  const orders = new Set([...shop.keys(), ...processor.keys()])
  return [...orders].flatMap((orderId) => {
    const [ours, theirs] = [shown(shop.get(orderId) ?? empty), shown(processor.get(orderId) ?? empty)]
    return ours === theirs ? [] : [`${orderId}: ${ours} in the shop, ${theirs} at the processor`]
  })
}
