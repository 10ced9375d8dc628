import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { afterAll, expect } from 'vitest'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { eur, north, south } from '../domain/controls.ts'
import { UserId } from '../domain/ids.ts'
import type { OrderId } from '../domain/ids.ts'
import type { Sku } from '../domain/product.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { codecOf } from '../eventstore/codec.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { orderCommands } from '../orders/commands.ts'
import type { OrderContent } from '../orders/commands.ts'
import { orderEvents } from '../orders/events.ts'
import { order } from '../orders/order.ts'
import { stockCommands } from '../orders/stock/commands.ts'
import { stockEvents } from '../orders/stock/events.ts'
import { stock } from '../orders/stock/stock.ts'
import { walletCommands } from '../payments/commands.ts'
import { paymentEvents, walletEvents } from '../payments/events.ts'
import { wallet } from '../payments/wallet.ts'
import { startEventStore } from './startEventStore.ts'

const catalogue = { ...orderEvents, ...stockEvents, ...walletEvents, ...paymentEvents }
const codec = codecOf(catalogue)
/** An event of an order, a payment, a wallet or a stock, as it is in the log. */
export type Logged = ReturnType<typeof codec.decode>

/** A service that runs as a process. */
export interface Service {
  /** What it warned of, line by line. */
  readonly said: readonly string[]
  /** The signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

export const cause = begin('request', 'somebody')

/** Two products that stock limits. */
export const goods = async (): Promise<readonly [Sku, Sku]> => {
  const { products } = await builtInCatalogue().page({ first: 50 })
  const [first, second] = products.filter(({ isLimited }) => isLimited)
  if (!first || !second) throw new Error('a catalogue without goods')
  return [first.sku, second.sku]
}

/** A shop on embedded nodes, for one file of tests: what people do in it, its log, its services as processes. */
export const startShop = async () => {
  const { node, client } = await startEventStore()
  const documents = await MongoDBNode.start()
  const running = new Set<Service>()
  afterAll(async () => {
    await Promise.all([...running].map((service) => service.kill()))
    await documents.stop()
  })

  const writing = { client, now: () => new Date(), newId: randomUUID }
  const wallets = walletCommands(writerOf(wallet, writing))
  const shelves = stockCommands(writerOf(stock, writing))
  const ordering = { ...writing, orders: writerOf(order, writing), catalogue: builtInCatalogue() }

  const log = async () => {
    const events: Logged[] = []
    for await (const resolved of client.readAll())
      if (resolved.event && resolved.event.type in catalogue) events.push(codec.decode(resolved))
    return events
  }

  /** The types of what happened to an order, in order's and payment's streams, in its wallet and in all stocks. */
  const storyOf = async (orderId: OrderId) =>
    (await log()).flatMap(({ type, data }) => ('orderId' in data && data.orderId === orderId ? [type] : []))

  return {
    client,
    documents: documents.connectionString,
    wallets,
    log,
    storyOf,

    /** What people can do with orders, if they have so many milliseconds to pay. */
    orders: (paymentTimeout = 600_000) => orderCommands({ ...ordering, paymentTimeout }),

    /** Starts a service; it dies right after its first event of the given type is on disk. */
    start: (service: 'orders' | 'payments' | 'projections', dieAfter = ''): Service => {
      const child = spawn(
        process.execPath,
        ['--import', './tests/dieAfterAppending.ts', `${service}/main.ts`],
        {
          env: {
            ...process.env,
            EVENTSTORE_URL: node.connectionString,
            MONGODB_URL: documents.connectionString,
            ORDERS_PORT: '0',
            PAYMENTS_PORT: '0',
            PROJECTIONS_PORT: '0',
            LOG_LEVEL: 'warn',
            DIE_AFTER_APPENDING: dieAfter,
          },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const said: string[] = []
      createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
      const end = async () => {
        await once(child, 'close')
        running.delete(started)
        return child.signalCode
      }
      const signalled = (signal: NodeJS.Signals) => async () => {
        child.kill(signal)
        await started.ended
      }
      const started: Service = {
        said,
        ended: end(),
        stop: signalled('SIGTERM'),
        kill: signalled('SIGKILL'),
      }
      running.add(started)
      return started
    },

    /** Somebody new, with so much in their wallet. */
    customer: async (amount: number) => {
      const ownerId = UserId.parse(randomUUID())
      await wallets.openWallet({ ownerId, currency: 'EUR', idempotencyKey: 'open' }, cause)
      if (amount > 0) await wallets.deposit({ ownerId, money: eur(amount), idempotencyKey: 'fill' }, cause)
      return ownerId
    },

    /** So many pieces arrive in each of two warehouses. */
    receive: async (sku: Sku, quantity: number) => {
      for (const warehouse of [north, south])
        await shelves.receiveStock({ sku, warehouse, quantity, idempotencyKey: randomUUID() }, cause)
    },

    /** Resolves when nothing is left to do for the order's stock. */
    settled: (orderId: OrderId) =>
      expect.poll(() => storyOf(orderId), { timeout: 30_000 }).toContain('OrderStockSettled'),
  }
}
export type Shop = Awaited<ReturnType<typeof startShop>>

/** Places an order of somebody, to be paid from their wallet; throws if it is refused. */
export const placeOrder = async (
  orders: ReturnType<Shop['orders']>,
  customerId: UserId,
  content: OrderContent,
): Promise<OrderId> => {
  const request = { customerId, paymentMethod: 'WALLET', idempotencyKey: randomUUID() } as const
  const answer = await orders.placeOrder({ ...request, ...content }, cause)
  if (answer.refused) throw new Error(answer.refused.code)
  return answer.order.orderId
}
