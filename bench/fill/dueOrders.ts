import type { EventStoreDBClient } from '@eventstore/db-client'
import { OrderId, UserId } from '../../domain/ids.ts'
import { Sku, Warehouse } from '../../domain/product.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { begin, follow } from '../../eventstore/metadata.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { confirmReservation } from '../../orders/lifecycle.ts'
import { order, place } from '../../orders/order.ts'
import type { NewOrder, Order } from '../../orders/order.ts'
import type { StockEvent } from '../../orders/stock/events.ts'
import { receive, reserve, stock } from '../../orders/stock/stock.ts'
import type { Stock } from '../../orders/stock/stock.ts'
import { appending, appendTo, tell } from './append.ts'
import type { Append, Telling, Told } from './append.ts'

export interface DueOrdersOptions extends Telling {
  readonly client: EventStoreDBClient
  readonly orders: number
  /** The deadline of all of them. */
  readonly payBy: Date
}

/** An order that waits for its payment, with one piece of a product reserved for it. */
interface Waiting {
  readonly orderId: OrderId
  readonly placed: Order
  readonly sku: Sku
  readonly placedAt: string
  readonly cause: Told
}

/** Orders that share a product. */
const EACH = 100
/** Appends in flight. */
const WAVE = 1_000
const PRICE = 1_999

/**
 * Writes what the services would have written for so many orders up to where each waits for its payment; answers
 * them, and the position of the last event.
 */
export const fillDueOrders = async ({ client, orders, payBy, ...telling }: DueOrdersOptions) => {
  const { append, written } = appending(client)
  const inWaves = async (appends: readonly Append[]) => {
    for (let from = 0; from < appends.length; from += WAVE)
      await Promise.all(appends.slice(from, from + WAVE).map(append))
  }
  const placing = Array.from({ length: orders }, (_, n) =>
    placeOne(Sku.parse(`due-${Math.floor(n / EACH)}`), payBy, telling),
  )
  const waiting = placing.map(({ waiting }) => waiting)
  await inWaves(placing.map(({ append }) => append))
  await inWaves([...Map.groupBy(waiting, ({ sku }) => sku)].map(([sku, of]) => reserveAll(sku, of, telling)))
  await inWaves(waiting.map((one) => confirm(one, telling)))
  return { orderIds: waiting.map(({ orderId }) => orderId), position: written().position }
}

const placeOne = (sku: Sku, payBy: Date, telling: Telling): { append: Append; waiting: Waiting } => {
  const [orderId, customerId] = [OrderId.parse(telling.newId()), UserId.parse(telling.newId())]
  const placedAt = telling.now().toISOString()
  const data: NewOrder = {
    orderId,
    customerId,
    price: { amount: PRICE, currency: 'EUR' },
    lines: [{ sku, name: 'Something', quantity: 1, unitPrice: PRICE, isLimited: true }],
    fromCart: false,
    paymentMethod: 'WALLET',
    placedAt,
    payBy: payBy.toISOString(),
  }
  const decided = accepted(place(data)(order.initial))
  const { events, last } = tell(order, decided, begin(telling.newId(), customerId), telling)
  const placed = decided.reduce(order.evolve, order.initial)
  return {
    append: appendTo(order, orderId, -1, events),
    waiting: { orderId, placed, sku, placedAt, cause: last },
  }
}

/** A product's delivery, and a piece of it for each of the orders. */
const reserveAll = (sku: Sku, waiting: readonly Waiting[], telling: Telling): Append => {
  const arriving = {
    sku,
    warehouse: Warehouse.parse('north'),
    quantity: waiting.length,
    idempotencyKey: 'fill',
    fingerprint: 'fill',
  }
  let state = stock.initial
  const decide = (decision: (stock: Stock) => Decision<StockEvent, unknown>, cause: Cause) => {
    const decided = accepted(decision(state))
    state = decided.reduce(stock.evolve, state)
    return tell(stock, decided, cause, telling).events
  }
  const received = decide(receive(arriving), begin(telling.newId(), 'bench'))
  const reserved = waiting.flatMap(({ orderId, placedAt, cause }) =>
    decide(reserve({ sku, orderId, placedAt, quantity: 1 }), follow(cause, 'orders')),
  )
  return appendTo(stock, sku, -1, [...received, ...reserved])
}

const confirm = ({ orderId, placed, cause }: Waiting, telling: Telling): Append =>
  appendTo(
    order,
    orderId,
    0,
    tell(order, confirmReservation()(placed), follow(cause, 'orders'), telling).events,
  )

const accepted = <E>(decision: Decision<E, unknown>): readonly E[] => {
  if (isRefusal(decision)) throw new Error(`a new stream refuses: ${JSON.stringify(decision)}`)
  return decision
}
