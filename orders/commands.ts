import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Catalogue } from '../catalogue/product.ts'
import { CatalogueUnavailable } from '../catalogue/unavailable.ts'
import { OrderId, RefundId } from '../domain/ids.ts'
import type { UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentMethod } from '../domain/payment.ts'
import type { Decision, RefusedAnswer } from '../eventstore/decision.ts'
import { derivedId, fingerprint } from '../eventstore/idempotency.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import type { Recorded } from '../eventstore/codec.ts'
import type { IdempotencyConflict } from '../eventstore/requests.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { OrderEvent } from './events.ts'
import { cancel } from './lifecycle.ts'
import type { CancelRefusal } from './lifecycle.ts'
import { order, place } from './order.ts'
import type { NewOrder, Order } from './order.ts'
import { merged, priceOf } from './pricing.ts'
import type { PricingRefusal, Wanted } from './pricing.ts'
import { requestRefund } from './refund.ts'
import type { RefundRefusal } from './refund.ts'

/** What an order is for: a plain amount with a description, or pieces of products. */
export type OrderContent =
  | { readonly price: Money; readonly description: string; readonly lines?: never }
  | { readonly lines: readonly Wanted[]; readonly fromCart: boolean; readonly price?: never }

export type PlaceOrder = OrderContent & {
  readonly customerId: UserId
  readonly paymentMethod: PaymentMethod
  readonly idempotencyKey: string
}

/** An order as it was accepted; `position` is where in the log that stands. */
export interface OrderPlaced {
  readonly refused?: never
  readonly order: NewOrder
  readonly position: bigint
}

/** A command that was carried out; `position` is where in the log that stands. */
export interface OrderChanged {
  readonly refused?: never
  readonly position: bigint
}

type MayChange = { readonly orderId: OrderId; readonly isAllowed: (customerId: UserId) => boolean }

export interface OrderCommandOptions {
  readonly client: EventStoreDBClient
  readonly orders: Writer<Order, OrderEvent>
  readonly catalogue: Catalogue
  readonly now: () => Date
  /** Milliseconds that a customer has to pay. */
  readonly paymentTimeout: number
}

/** The order that a customer's request with this key makes. */
export const orderIdFor = (customerId: UserId, idempotencyKey: string): OrderId =>
  OrderId.parse(derivedId('order', customerId, idempotencyKey))

/**
 * What people can do with orders. An order's id follows from the customer and the key, so that a repeated
 * request meets the order that it made; it answers as the first time.
 */
export const orderCommands = ({ client, orders, catalogue, now, paymentTimeout }: OrderCommandOptions) => {
  /** What the same request made before; refused if another one did; undefined if there is no such order. */
  const placedBefore = async (
    input: PlaceOrder,
  ): Promise<OrderPlaced | RefusedAnswer<IdempotencyConflict> | undefined> => {
    const placed = await placingOf(client, orderIdFor(input.customerId, input.idempotencyKey))
    if (!placed) return undefined
    const { data, position } = placed
    return isSameRequest(data, input)
      ? { order: data, position }
      : { refused: { code: 'IDEMPOTENCY_CONFLICT' }, position }
  }

  const pricedNow = async (wanted: readonly Wanted[]) => {
    try {
      return await priceOf(catalogue, merged(wanted))
    } catch (fault) {
      if (fault instanceof CatalogueUnavailable) return { fault }
      throw fault
    }
  }

  const accept = async (
    input: PlaceOrder,
    content: Pick<NewOrder, 'price' | 'description' | 'lines' | 'fromCart'>,
    cause: Cause,
  ): Promise<OrderPlaced | RefusedAnswer<IdempotencyConflict>> => {
    const { customerId, paymentMethod } = input
    const placedAt = now()
    const placed: NewOrder = {
      orderId: orderIdFor(customerId, input.idempotencyKey),
      customerId,
      ...content,
      paymentMethod,
      placedAt: placedAt.toISOString(),
      payBy: new Date(placedAt.getTime() + paymentTimeout).toISOString(),
    }
    const outcome = await orders.transact(placed.orderId, place(placed), {
      cause,
      known: { state: order.initial, revision: -1 },
    })
    if (outcome.refused === undefined) return { order: placed, position: outcome.position }
    return (
      (await placedBefore(input)) ?? { refused: { code: 'IDEMPOTENCY_CONFLICT' }, position: outcome.position }
    )
  }

  const changing = async <R>(
    { orderId, isAllowed }: MayChange,
    decide: (order: Order) => Decision<OrderEvent, R>,
    cause: Cause,
  ): Promise<OrderChanged | RefusedAnswer<R | { readonly code: 'NO_ORDER' }>> => {
    const outcome = await orders.transact<R | { readonly code: 'NO_ORDER' }>(
      orderId,
      (state) =>
        state.status === 'NONE' || !isAllowed(state.customerId)
          ? { refused: { code: 'NO_ORDER' } as const }
          : decide(state),
      { cause },
    )
    const { refused, position } = outcome
    return refused === undefined ? { position } : { refused, position }
  }

  return {
    placedBefore,

    placeOrder: async (
      input: PlaceOrder,
      cause: Cause,
    ): Promise<OrderPlaced | RefusedAnswer<IdempotencyConflict | PricingRefusal>> => {
      if (input.lines === undefined) {
        const { price, description } = input
        return accept(input, { price, description, lines: [], fromCart: false }, cause)
      }
      const priced = await pricedNow(input.lines)
      if (!('fault' in priced) && priced.refused === undefined)
        return accept(input, { ...priced, fromCart: input.fromCart }, cause)
      // Products may be gone since, and the catalogue away: a repeated request still has its answer.
      const before = await placedBefore(input)
      if (before) return before
      if ('fault' in priced) throw priced.fault
      return { refused: priced.refused, position: 0n }
    },

    /** An order of somebody who may not see it answers as one that does not exist. */
    cancelOrder: (
      who: MayChange & { readonly by: 'CUSTOMER' | 'ADMIN' },
      cause: Cause,
    ): Promise<OrderChanged | RefusedAnswer<CancelRefusal>> =>
      changing<CancelRefusal>(who, cancel(who.by), cause),

    /** Without an amount: all that remains. */
    refundOrder: (
      input: {
        readonly orderId: OrderId
        readonly amount: Money | undefined
        readonly idempotencyKey: string
      },
      cause: Cause,
    ): Promise<OrderChanged | RefusedAnswer<RefundRefusal>> => {
      const { orderId, amount, idempotencyKey } = input
      const asked = amount ? [amount.amount, amount.currency] : ['all']
      return changing<RefundRefusal>(
        { orderId, isAllowed: () => true },
        requestRefund({
          refundId: RefundId.parse(derivedId('refund', orderId, idempotencyKey)),
          amount,
          idempotencyKey,
          fingerprint: fingerprint('refundOrder', ...asked),
        }),
        cause,
      )
    },
  }
}
export type OrderCommands = ReturnType<typeof orderCommands>

type Placing = Recorded<Extract<OrderEvent, { type: 'OrderPlaced' }>>

const placingOf = async (client: EventStoreDBClient, orderId: OrderId): Promise<Placing | undefined> => {
  let placing: Placing | undefined
  for await (const event of readForwards(client, streamOf(order, orderId), 0))
    if (event.type === 'OrderPlaced') placing = event
  return placing
}

const isSameRequest = (placed: NewOrder, input: PlaceOrder): boolean => {
  if (placed.paymentMethod !== input.paymentMethod) return false
  if (input.lines === undefined)
    return (
      placed.lines.length === 0 &&
      placed.price.amount === input.price.amount &&
      placed.price.currency === input.price.currency &&
      placed.description === input.description
    )
  // What the cart held at the time is in the order, and not in it any more.
  if (input.fromCart) return placed.fromCart
  return !placed.fromCart && isSameLines(placed.lines, merged(input.lines))
}

const isSameLines = (placed: readonly Wanted[], wanted: readonly Wanted[]): boolean =>
  placed.length === wanted.length &&
  wanted.every(({ sku, quantity }) => placed.some((line) => line.sku === sku && line.quantity === quantity))
