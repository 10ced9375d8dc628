import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { minutesAfterNoon, noon } from '../../domain/controls.ts'
import { Sku } from '../../domain/product.ts'
import { begin } from '../../eventstore/metadata.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { order } from '../../orders/order.ts'
import { orderPump } from '../../orders/pump.ts'
import { totalOf } from '../../orders/stock/levels.ts'
import { stockReservations } from '../../orders/stock/reservations.ts'
import { stock } from '../../orders/stock/stock.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { fillDueOrders } from './dueOrders.ts'

const ORDERS = 250
const { client } = await startEventStore()
const writing = { client, now: () => noon, newId: randomUUID }

/** Positions of the shop's own events; the store's projections add links to them. */
const positions = async () => {
  const found: bigint[] = []
  for await (const { event } of client.readAll())
    if (event && /^(order|stock)-/.test(event.streamId)) found.push(event.position?.commit ?? 0n)
  return found
}

it('orders are as the services leave them that wait for their payment: nothing is left to do', async () => {
  const filled = await fillDueOrders({ ...writing, orders: ORDERS, payBy: minutesAfterNoon(10) })
  expect(new Set(filled.orderIds).size).toBe(ORDERS)
  const before = await positions()
  expect(before.at(-1)).toBe(filled.position)

  const [orders, stocks] = [writerOf(order, writing), writerOf(stock, writing)]
  const pump = orderPump({ orders, stock: stockReservations({ client, stocks }) })
  const cause = begin('request', 'somebody')
  for (const orderId of filled.orderIds) {
    await pump(orderId, cause)
    const { state } = await orders.transact(orderId, () => [], { cause })
    expect(state).toMatchObject({ status: 'AWAITING_PAYMENT', stock: { isSettled: false } })
  }
  const reserved = await Promise.all(
    ['due-0', 'due-1', 'due-2'].map(async (sku) => {
      const { state } = await stocks.transact(Sku.parse(sku), () => [], { cause })
      return totalOf(state.levels)
    }),
  )
  expect(reserved).toEqual([100, 100, 50].map((pieces) => ({ onHand: pieces, reserved: pieces })))
  expect(await positions()).toEqual(before)
})
