import { Counter } from 'prom-client'
import { z } from 'zod'
import { accessFor } from '../access/accessFor.ts'
import { catalogueFor } from '../catalogue/catalogueFor.ts'
import { runReaction } from '../eventstore/reaction.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { feedHub } from '../live/feed.ts'
import { createHub } from '../live/hub.ts'
import { watchHub } from '../live/metrics.ts'
import { dueOrders } from '../projections/dueOrders.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import { accessSettings, catalogueSettings, processSettings, settings } from '../service/config.ts'
import { rateLimit } from '../service/rateLimit.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { databaseFor, eventStoreFor } from '../service/stores.ts'
import { cart } from './cart/cart.ts'
import { checkOuts } from './cart/checkOut.ts'
import { orderCommands } from './commands.ts'
import { orderDocument, serveOrders } from './http/serve.ts'
import { order } from './order.ts'
import { orderPump } from './pump.ts'
import { moveOrders, noteDeclines, settleOrders, settleRefunds } from './reactions.ts'
import { stockReservations } from './stock/reservations.ts'
import { stock } from './stock/stock.ts'
import { watchOrders } from './watchdog.ts'

/** The orders service: takes each order from its placing to its end, and its stock and its cart with it. */
await runService({
  name: 'orders',
  env: process.env,
  settings: z.object({
    ...processSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    MONGODB_URL: settings.MONGODB_URL,
    MONGODB_DATABASE: settings.MONGODB_DATABASE,
    ORDER_PAYMENT_TIMEOUT: settings.ORDER_PAYMENT_TIMEOUT,
    RATE_LIMIT_PER_SECOND: settings.RATE_LIMIT_PER_SECOND,
    DEFAULT_CURRENCY: settings.DEFAULT_CURRENCY,
    ...catalogueSettings,
    ...accessSettings,
    ORDERS_PORT: settings.ORDERS_PORT,
  }),
  port: ({ ORDERS_PORT }) => ORDERS_PORT,
  document: ({ AUTH_MODE }) => orderDocument(AUTH_MODE),
  start: (service) => {
    const { settings, http, log, registry, signal, now, newId, check, work } = service
    const client = eventStoreFor(service)
    const db = databaseFor(service)
    const observer = watchReactions(registry, log)
    const writing = { client, now, newId }
    const orders = writerOf(order, writing)
    const pump = orderPump({ orders, stock: stockReservations({ client, stocks: writerOf(stock, writing) }) })
    const { takeOrdered } = checkOuts({ client, carts: writerOf(cart, writing) })
    const react = <E>(reaction: Reaction<E>) => {
      check(observer.isConnected(reaction.group))
      work(reaction.group, runReaction(reaction, { client, signal, observer }))
    }
    react(settleOrders(orders, pump))
    react(settleRefunds(orders))
    react(noteDeclines(orders))
    react(moveOrders({ pump, takeOrdered }))

    const readModels = readModelsIn({ db })
    const hub = createHub()
    serveOrders(http, {
      client,
      orders: orderCommands({
        client,
        orders,
        catalogue: catalogueFor(service),
        now,
        paymentTimeout: settings.ORDER_PAYMENT_TIMEOUT,
      }),
      readModels,
      hub,
      access: accessFor(service, { client }),
      limit: rateLimit({ perSecond: settings.RATE_LIMIT_PER_SECOND, clock: () => performance.now() }),
      currency: settings.DEFAULT_CURRENCY,
    })
    watchHub(registry, hub)
    check({ name: 'live updates', run: () => Promise.resolve().then(() => hub.position()) })
    work('live updates', feedHub({ client, readModels, hub, signal, log }))

    const lookedAfter = new Counter({
      name: 'orders_looked_after_total',
      help: 'Orders that were due: expired, or taken on where something was left to do.',
      registers: [registry],
    })
    work(
      'watchdog',
      watchOrders({
        orders,
        pump,
        due: (at, limit) => dueOrders(db, at, limit),
        now,
        newId,
        signal,
        observer: {
          looked: (due) => lookedAfter.inc(due),
          failed: ({ orderId }, fault) => log.warn({ err: fault, orderId }, 'an order does not get on'),
          blind: (fault) => log.warn({ err: fault }, 'due orders can’t be found'),
        },
      }),
    )
  },
})
