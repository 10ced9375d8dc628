import type { EventStoreDBClient } from '@eventstore/db-client'
import { OrderId } from '../domain/ids.ts'
import type { UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentMethod } from '../domain/payment.ts'
import { impossible } from '../eventstore/decision.ts'
import { derivedId } from '../eventstore/idempotency.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { OrderEvent } from './events.ts'
import { order, place } from './order.ts'
import type { NewOrder, Order } from './order.ts'

export interface PlaceOrder {
  readonly customerId: UserId
  readonly price: Money
  readonly description: string
  readonly paymentMethod: PaymentMethod
  readonly idempotencyKey: string
}

export type PlaceOrderAnswer =
  | { readonly refused?: never; readonly order: NewOrder; readonly position: bigint }
  | { readonly refused: { readonly code: 'IDEMPOTENCY_CONFLICT' }; readonly position: bigint }

export interface OrderCommandOptions {
  readonly client: EventStoreDBClient
  readonly orders: Writer<Order, OrderEvent>
  readonly now: () => Date
  /** Milliseconds that a customer has to pay. */
  readonly paymentTimeout: number
}

/**
 * What people can do with orders. An order's id follows from the customer and the key, so that a repeated
 * request meets the order that it made; it answers as the first time.
 */
export const orderCommands = ({ client, orders, now, paymentTimeout }: OrderCommandOptions) => ({
  placeOrder: async (input: PlaceOrder, cause: Cause): Promise<PlaceOrderAnswer> => {
    const { idempotencyKey, ...wanted } = input
    const placedAt = now()
    const orderId = OrderId.parse(derivedId('order', input.customerId, idempotencyKey))
    const placed: NewOrder = {
      orderId,
      ...wanted,
      placedAt: placedAt.toISOString(),
      payBy: new Date(placedAt.getTime() + paymentTimeout).toISOString(),
    }
    const outcome = await orders.transact(orderId, place(placed), {
      cause,
      known: { state: order.initial, revision: -1 },
    })
    if (outcome.refused === undefined) return { order: placed, position: outcome.position }
    const first = await placedBefore(client, orderId)
    return isSameRequest(first, placed)
      ? { order: first, position: outcome.position }
      : { refused: { code: 'IDEMPOTENCY_CONFLICT' }, position: outcome.position }
  },
})
export type OrderCommands = ReturnType<typeof orderCommands>

const placedBefore = async (client: EventStoreDBClient, orderId: OrderId): Promise<NewOrder> => {
  for await (const event of readForwards(client, streamOf(order, orderId), 0))
    if (event.type === 'OrderPlaced') return event.data
  return impossible(`order ${orderId} was placed before, and is not there`)
}

const isSameRequest = (a: NewOrder, b: NewOrder): boolean =>
  a.price.amount === b.price.amount &&
  a.price.currency === b.price.currency &&
  a.description === b.description &&
  a.paymentMethod === b.paymentMethod
