import { Counter } from 'prom-client'
import { z } from 'zod'
import { runReaction } from '../eventstore/reaction.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { dueOrders } from '../projections/dueOrders.ts'
import { processSettings, settings } from '../service/config.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { databaseFor, eventStoreFor } from '../service/stores.ts'
import { cart } from './cart/cart.ts'
import { checkOuts } from './cart/checkOut.ts'
import { order } from './order.ts'
import { orderPump } from './pump.ts'
import { moveOrders, settleOrders, settleRefunds } from './reactions.ts'
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
    ORDERS_PORT: settings.ORDERS_PORT,
  }),
  port: ({ ORDERS_PORT }) => ORDERS_PORT,
  start: (service) => {
    const { log, registry, signal, now, newId, check, work } = service
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
    react(moveOrders({ pump, takeOrdered }))

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
