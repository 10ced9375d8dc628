import { z } from 'zod'
import { runReaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { processSettings, settings } from '../service/config.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { eventStoreFor } from '../service/stores.ts'
import { order } from './order.ts'
import { settleOrders } from './reactions.ts'

/** The orders service: what became of a payment becomes of its order. */
await runService({
  name: 'orders',
  env: process.env,
  settings: z.object({
    ...processSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    ORDERS_PORT: settings.ORDERS_PORT,
  }),
  port: ({ ORDERS_PORT }) => ORDERS_PORT,
  start: (service) => {
    const { log, registry, signal, now, newId, check, work } = service
    const client = eventStoreFor(service)
    const observer = watchReactions(registry, log)
    const settling = settleOrders(writerOf(order, { client, now, newId }))
    check(observer.isConnected(settling.group))
    work(settling.group, runReaction(settling, { client, signal, observer }))
  },
})
