import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { eur, north, south } from '../domain/controls.ts'
import { UserId } from '../domain/ids.ts'
import type { Sku } from '../domain/product.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { codecOf } from '../eventstore/codec.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { orderCommands } from '../orders/commands.ts'
import { orderEvents } from '../orders/events.ts'
import { order } from '../orders/order.ts'
import { stockCommands } from '../orders/stock/commands.ts'
import { stockEvents } from '../orders/stock/events.ts'
import { stock } from '../orders/stock/stock.ts'
import { walletCommands } from '../payments/commands.ts'
import { paymentEvents, walletEvents } from '../payments/events.ts'
import { wallet } from '../payments/wallet.ts'
import { startEventStore } from './startEventStore.ts'

const { node, client } = await startEventStore()
const documents = await MongoDBNode.start()
afterAll(() => documents.stop())

const cause = begin('request', 'somebody')
const deps = { client, now: () => new Date(), newId: randomUUID }
const orders = orderCommands({
  ...deps,
  orders: writerOf(order, deps),
  catalogue: builtInCatalogue(),
  paymentTimeout: 600_000,
})
const shelves = stockCommands(writerOf(stock, deps))
const wallets = walletCommands(writerOf(wallet, deps))

const catalogue = { ...orderEvents, ...stockEvents, ...walletEvents, ...paymentEvents }
const codec = codecOf(catalogue)
const log = async () => {
  const events: ReturnType<typeof codec.decode>[] = []
  for await (const resolved of client.readAll())
    if (resolved.event && resolved.event.type in catalogue) events.push(codec.decode(resolved))
  return events
}

/** Starts a service; it dies right after its first event of the given type is on disk. */
const start = (service: 'orders' | 'payments', dieAfter = ''): ChildProcess =>
  spawn(process.execPath, ['--import', './tests/dieAfterAppending.ts', `${service}/main.ts`], {
    env: {
      ...process.env,
      EVENTSTORE_URL: node.connectionString,
      MONGODB_URL: documents.connectionString,
      ORDERS_PORT: '0',
      PAYMENTS_PORT: '0',
      LOG_LEVEL: 'error',
      DIE_AFTER_APPENDING: dieAfter,
    },
    stdio: 'inherit',
  })

const stop = async (child: ChildProcess) => {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

const customer = async (amount: number) => {
  const ownerId = UserId.parse(randomUUID())
  await wallets.openWallet({ ownerId, currency: 'EUR', idempotencyKey: 'open' }, cause)
  if (amount > 0) await wallets.deposit({ ownerId, money: eur(amount), idempotencyKey: 'fill' }, cause)
  return ownerId
}

const [first, second] = await (async () => {
  const { products } = await builtInCatalogue().page({ first: 50 })
  return products.filter(({ isLimited }) => isLimited)
})()
if (!first || !second) throw new Error('a catalogue without goods')
const skus: readonly Sku[] = [first.sku, second.sku]

const receive = async (sku: Sku, quantity: number) => {
  for (const warehouse of [north, south])
    await shelves.receiveStock({ sku, warehouse, quantity, idempotencyKey: randomUUID() }, cause)
}

const place = async (customerId: UserId, quantity: number) => {
  const lines = skus.map((sku) => ({ sku, quantity }))
  const answer = await orders.placeOrder(
    { customerId, lines, fromCart: false, paymentMethod: 'WALLET', idempotencyKey: randomUUID() },
    cause,
  )
  if (answer.refused) throw new Error(answer.refused.code)
  return answer.order.orderId
}

/** The types of what happened to an order, in order's and payment's streams and in all stocks. */
const storyOf = async (orderId: string) =>
  (await log()).flatMap(({ type, data }) => ('orderId' in data && data.orderId === orderId ? [type] : []))

const settled = (orderId: string) =>
  expect.poll(() => storyOf(orderId), { timeout: 30_000 }).toContain('OrderStockSettled')

/** What is on hand, reserved and written off of each sku, by its events. */
const levels = async () => {
  const sums = new Map<
    string,
    { reserved: number; available: number; writtenOff: number; received: number }
  >()
  for (const { type, data } of await log()) {
    if (!('sku' in data)) continue
    const sum = sums.get(data.sku) ?? { reserved: 0, available: 0, writtenOff: 0, received: 0 }
    const moved = 'parts' in data ? data.parts.reduce((all, { quantity }) => all + quantity, 0) : 0
    if (type === 'StockReceived') {
      sum.received += data.quantity
      sum.available += data.quantity
    }
    if (type === 'StockReserved') {
      sum.available -= moved
      sum.reserved += moved
    }
    if (type === 'StockReleased') {
      sum.available += moved
      sum.reserved -= moved
    }
    if (type === 'StockWrittenOff') {
      sum.reserved -= moved
      sum.writtenOff += moved
    }
    expect(Math.min(sum.available, sum.reserved)).toBeGreaterThanOrEqual(0)
    sums.set(data.sku, sum)
  }
  return sums
}

const sorted = (types: readonly string[]) => types.toSorted()

/** How it goes, whoever dies in between: nothing twice, nothing missing. */
const stories = {
  paid: {
    amount: 1_000_000,
    quantity: 3,
    story: [
      'OrderPlaced',
      ...skus.map(() => 'StockReserved'),
      'OrderReserved',
      'FundsDebited',
      'PaymentSucceeded',
      'OrderPaid',
      ...skus.map(() => 'StockWrittenOff'),
      'OrderStockSettled',
    ],
  },
  'not paid for': {
    amount: 0,
    quantity: 3,
    story: [
      'OrderPlaced',
      ...skus.map(() => 'StockReserved'),
      'OrderReserved',
      'DebitRefused',
      'PaymentFailed',
      'OrderFailed',
      ...skus.map(() => 'StockReleased'),
      'OrderStockSettled',
    ],
  },
}

describe.each(Object.entries(stories))('an order that is %s', (_, { amount, quantity, story }) => {
  it.each(story.filter((type, n) => story.indexOf(type) === n && /^(Order(?!Placed)|Stock)/.test(type)))(
    'comes to the same end when its service dies after %s',
    { timeout: 60_000 },
    async (fatal) => {
      for (const sku of skus) await receive(sku, 10)
      const customerId = await customer(amount)
      const paying = start('payments')
      const dying = start('orders', fatal)
      const orderId = await place(customerId, quantity)
      await once(dying, 'exit')
      expect(dying.signalCode).toBe('SIGKILL')
      const again = start('orders')
      await settled(orderId)
      expect(sorted(await storyOf(orderId))).toEqual(sorted(story))
      for (const sum of (await levels()).values()) {
        expect(sum.reserved).toBe(0)
        expect(sum.received).toBe(sum.available + sum.writtenOff)
      }
      await Promise.all([stop(paying), stop(again)])
    },
  )
})

describe('an order for more than there is', () => {
  it.each(['StockReserved', 'ReservationRefused', 'OrderFailed', 'StockReleased'])(
    'keeps no part of it when its service dies after %s',
    { timeout: 60_000 },
    async (fatal) => {
      await receive(first.sku, 400)
      const dying = start('orders', fatal)
      const orderId = await place(await customer(0), 700)
      await once(dying, 'exit')
      expect(dying.signalCode).toBe('SIGKILL')
      const again = start('orders')
      await settled(orderId)
      expect(sorted(await storyOf(orderId))).toEqual(
        sorted([
          'OrderPlaced',
          'StockReserved',
          'ReservationRefused',
          'OrderFailed',
          'StockReleased',
          'OrderStockSettled',
        ]),
      )
      for (const sum of (await levels()).values()) expect(sum.reserved).toBe(0)
      await stop(again)
    },
  )
})
