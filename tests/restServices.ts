import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { Registry } from 'prom-client'
import { headerAccess } from '../access/access.ts'
import type { Access } from '../access/access.ts'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { writerOf } from '../eventstore/transact.ts'
import { feedHub } from '../live/feed.ts'
import { createHub } from '../live/hub.ts'
import { orderCommands } from '../orders/commands.ts'
import { orderDocument, serveOrders } from '../orders/http/serve.ts'
import { order } from '../orders/order.ts'
import { cardCommands } from '../payments/card/commands.ts'
import { orderReader } from '../payments/card/order.ts'
import { cardProcessor } from '../payments/card/processor.ts'
import { walletCommands } from '../payments/commands.ts'
import { paymentDocument, servePayments } from '../payments/http/serve.ts'
import { payment } from '../payments/payment.ts'
import { wallet } from '../payments/wallet.ts'
import { foldables } from '../projections/all.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import { runProjections } from '../projections/runner.ts'
import { runServices } from '../schema/servicesUnderTest.ts'
import { eventStoreAnswers, mongoAnswers } from '../service/checks.ts'
import { closeHttp, httpOf } from '../service/http.ts'
import { loggerOf } from '../service/logger.ts'
import { rateLimit } from '../service/rateLimit.ts'

export interface RestServicesOptions {
  /** Connection strings of the servers to use. */
  readonly events: string
  readonly documents: string
  readonly ratePerSecond?: number
  /** False: nothing is projected, as when the projections are down. */
  readonly projecting?: boolean
  /** False: nobody charges and settles orders. */
  readonly charging?: boolean
  /** Who is asking; in the header if not given. */
  readonly access?: Access
  /** The card processor; none if not given. */
  readonly cards?: Cards
  readonly live?: { readonly pingEvery?: number; readonly maxSockets?: number }
}

interface Cards {
  readonly STRIPE_SECRET_KEY: string
  readonly STRIPE_WEBHOOK_SECRET: string
  readonly STRIPE_API_ROOT: string
}

const nothing = () => undefined

/** The plain HTTP of the services `orders` and `payments` in this process, on a database of its own. */
export const startRestServices = async (options: RestServicesOptions) => {
  const { events, documents, ratePerSecond = 0, projecting = true, charging = true } = options
  const { access = headerAccess } = options
  const client = EventStoreDBClient.connectionString(events)
  const mongo = new MongoClient(documents)
  const db = mongo.db(`test-${randomUUID()}`)
  const readModels = readModelsIn({ db })
  const hub = createHub()
  const log = loggerOf('rest', 'silent')
  const stopping = new AbortController()
  const { signal } = stopping
  const writing = { client, now: () => new Date(), newId: randomUUID }
  const orders = writerOf(order, writing)
  const wallets = writerOf(wallet, writing)
  const payments = writerOf(payment, writing)
  const processor = cardProcessor({
    settings: { STRIPE_API_ROOT: 'https://api.stripe.com', ...options.cards },
    observer: { called: nothing },
    clock: () => performance.now(),
  })

  const parts = {
    client,
    readModels,
    access,
    limit: rateLimit({ perSecond: ratePerSecond, clock: () => performance.now() }),
    currency: 'EUR',
  }
  const checks = () => [eventStoreAnswers(client), mongoAnswers(mongo)]
  const common = { log, newId: randomUUID, checks }
  const ordersHttp = httpOf({ ...common, registry: new Registry(), document: orderDocument(access.mode) })
  const paymentsHttp = httpOf({ ...common, registry: new Registry(), document: paymentDocument(access.mode) })
  serveOrders(ordersHttp, {
    ...parts,
    ...options.live,
    hub,
    orders: orderCommands({ ...writing, orders, catalogue: builtInCatalogue(), paymentTimeout: 600_000 }),
  })
  servePayments(paymentsHttp, {
    ...parts,
    wallets: walletCommands(wallets),
    cards: cardCommands({ payments, processor, order: orderReader(client), now: writing.now }),
  })

  const observer = { wrote: nothing, retried: nothing, stopped: nothing }
  const works: Promise<void>[] = [feedHub({ client, readModels, hub, signal, log })]
  if (projecting) works.push(runProjections({ ...writing, db, projections: foldables, signal, observer }))
  if (charging)
    works.push(
      ...runServices({
        ...writing,
        db,
        http: paymentsHttp,
        signal,
        orders,
        wallets,
        payments,
        processor,
        webhookSecret: options.cards?.STRIPE_WEBHOOK_SECRET,
      }),
    )
  const address = { host: '127.0.0.1', port: 0 }
  const [ordersUrl, paymentsUrl] = await Promise.all([
    ordersHttp.listen(address),
    paymentsHttp.listen(address),
  ])

  return {
    orders: ordersUrl,
    payments: paymentsUrl,
    hub,
    ordersHttp,

    /** Position of the newest event that is not the server's own; it moves when anything is appended. */
    head: async (): Promise<bigint> => {
      let newest = -1n
      // Read to its end: a read that is left early stays open in the client.
      for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END }))
        if (newest < 0n && event && !event.type.startsWith('$')) newest = event.position?.commit ?? newest
      return newest
    },

    stop: async () => {
      await Promise.all([closeHttp(ordersHttp), closeHttp(paymentsHttp)])
      stopping.abort()
      await Promise.all(works)
      await mongo.close()
      await client.dispose()
    },
  }
}
export type RestServices = Awaited<ReturnType<typeof startRestServices>>
