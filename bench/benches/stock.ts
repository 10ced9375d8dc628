import { randomUUID } from 'node:crypto'
import { builtInCatalogue } from '../../catalogue/builtIn/catalogue.ts'
import { UserId } from '../../domain/ids.ts'
import { Warehouse } from '../../domain/product.ts'
import type { Sku } from '../../domain/product.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { begin } from '../../eventstore/metadata.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { orderCommands } from '../../orders/commands.ts'
import { order } from '../../orders/order.ts'
import { stockCommands } from '../../orders/stock/commands.ts'
import { stockEvents } from '../../orders/stock/events.ts'
import { stock as stockOf } from '../../orders/stock/stock.ts'
import { eventStoreClient } from '../../service/clients.ts'
import type { System } from '../../start/system.ts'
import { pidsOf, withSystem } from '../bench.ts'
import type { Bench } from '../bench.ts'
import { closedLoop } from '../closedLoop.ts'
import { followOrders } from '../completions.ts'
import { byProcess, figure } from '../report.ts'

const BUYERS = [64, 256]
const WAREHOUSES = ['north', 'south'].map((name) => Warehouse.parse(name))
const PLENTY = 100_000_000
const PAYMENT_TIMEOUT = 600_000

const { StockReserved, ReservationRefused } = stockEvents
const decisions = codecOf({ StockReserved, ReservationRefused })

/** How many orders a second one product's stock decides about: all of them meet in one stream. */
export const stock: Bench = {
  about: 'orders for one product decided by its stock, each buyer one after another',
  run: async (run) => {
    const { options, report } = run
    const sheet = report.sheet('stock', 'one product', 'decided/s', 'p50 ms', 'p99 ms', 'CPU, % of a core')
    await withSystem(run, { services: ['orders'] }, async (system) => {
      const shop = await openShop(system)
      for (const clients of options.clients ?? BUYERS)
        for (const there of ['enough', 'sold out'] as const) {
          const buy = await shop.selling(there === 'enough' ? PLENTY : 0)
          const { 'warm-up': warmUpSeconds, seconds } = options
          const loop = { clients, warmUpSeconds, seconds, pids: pidsOf(system) }
          const { perSecond, times, cpu } = await closedLoop(loop, buy)
          const [p50, p99] = [times.percentile(50), times.percentile(99)]
          sheet.row(
            { clients, there, decidedPerSecond: perSecond, p50, p99, cpu },
            `${there}, ${clients} buyers`,
            figure(perSecond),
            figure(p50, 1),
            figure(p99, 1),
            byProcess(cpu),
          )
        }
      await shop.close()
    })
  },
}

/** Orders are placed here, and the orders service does the rest; nobody pays for them. */
const openShop = async (system: System) => {
  const client = eventStoreClient(system.addresses.eventstore, 'bench')
  const writing = { client, now: () => new Date(), newId: randomUUID }
  const catalogue = builtInCatalogue()
  const orders = orderCommands({
    ...writing,
    orders: writerOf(order, writing),
    catalogue,
    paymentTimeout: PAYMENT_TIMEOUT,
  })
  const { receiveStock } = stockCommands(writerOf(stockOf, writing))
  const { products } = await catalogue.page({ first: 100 })
  const unsold = products.filter(({ isLimited }) => isLimited).map(({ sku }) => sku)
  const closing = new AbortController()
  const decided = await followOrders({
    client,
    codec: decisions,
    outcome: () => Promise.resolve(),
    signal: closing.signal,
  })

  const receive = async (sku: Sku, quantity: number) => {
    for (const warehouse of WAREHOUSES) {
      const answer = await receiveStock(
        { sku, warehouse, quantity, idempotencyKey: randomUUID() },
        begin(randomUUID(), 'bench'),
      )
      if (answer.refused) throw new Error(`no stock of ${sku}: ${answer.refused.code}`)
    }
  }

  return {
    /** A product that nobody has bought yet, with so many pieces in each warehouse; answers how one is bought. */
    selling: async (pieces: number) => {
      const sku = unsold.shift()
      if (sku === undefined) throw new Error('every product was sold')
      if (pieces > 0) await receive(sku, pieces)
      return async () => {
        const customerId = UserId.parse(randomUUID())
        const answer = await orders.placeOrder(
          {
            customerId,
            lines: [{ sku, quantity: 1 }],
            fromCart: false,
            paymentMethod: 'WALLET',
            idempotencyKey: 'buy',
          },
          begin(randomUUID(), customerId),
        )
        if (answer.refused) throw new Error(answer.refused.code)
        await decided.of(answer.order.orderId)
      }
    },
    close: async () => {
      closing.abort()
      await client.dispose()
    },
  }
}
