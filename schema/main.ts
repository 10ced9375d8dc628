import { z } from 'zod'
import { writerOf } from '../eventstore/transact.ts'
import { catalogueFor } from '../catalogue/catalogueFor.ts'
import { messagesIn } from '../notifications/messages.ts'
import { orderCommands } from '../orders/commands.ts'
import { order } from '../orders/order.ts'
import { walletCommands } from '../payments/commands.ts'
import { cardCommands } from '../payments/card/commands.ts'
import { watchProcessor } from '../payments/card/metrics.ts'
import { orderReader } from '../payments/card/order.ts'
import { cardProcessor } from '../payments/card/processor.ts'
import { payment } from '../payments/payment.ts'
import { topUpCommands } from '../payments/topUp/commands.ts'
import { topUp } from '../payments/topUp/topUp.ts'
import { wallet } from '../payments/wallet.ts'
import { peopleFor } from '../people/peopleFor.ts'
import { mustBeAbleToSignIn, peopleSettings } from '../people/settings.ts'
import { foldables } from '../projections/all.ts'
import { controlOf } from '../projections/control.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import {
  accessSettings,
  cardSettings,
  catalogueSettings,
  processSettings,
  settings,
} from '../service/config.ts'
import { runService } from '../service/run.ts'
import { databaseFor, eventStoreFor } from '../service/stores.ts'
import { serveApi } from './api.ts'
import { feedHub } from '../live/feed.ts'
import { createHub } from '../live/hub.ts'
import { watchHub } from '../live/metrics.ts'
import { servePictures } from './pictures.ts'
import { rateLimit } from '../service/rateLimit.ts'
import { shopOf } from './shop.ts'
import { accessFor } from '../access/accessFor.ts'

/** The GraphQL API: commands are decided here, in process; all reading is from the read models. */
await runService({
  name: 'api',
  env: process.env,
  settings: z
    .object({
      ...processSettings,
      EVENTSTORE_URL: settings.EVENTSTORE_URL,
      MONGODB_URL: settings.MONGODB_URL,
      MONGODB_DATABASE: settings.MONGODB_DATABASE,
      ORDER_PAYMENT_TIMEOUT: settings.ORDER_PAYMENT_TIMEOUT,
      ...catalogueSettings,
      ...cardSettings,
      ...accessSettings,
      ...peopleSettings,
      GRAPHQL_INTROSPECTION: z
        .enum(['on', 'off', 'true', 'false'])
        .default('on')
        .transform((set) => set === 'on' || set === 'true'),
      RATE_LIMIT_PER_SECOND: settings.RATE_LIMIT_PER_SECOND,
    })
    .superRefine(mustBeAbleToSignIn),
  port: ({ API_PORT }) => API_PORT,
  start: async (service) => {
    const { settings, http, registry, signal, now, newId, log, work, check } = service
    const client = eventStoreFor(service)
    const db = databaseFor(service)
    const readModels = readModelsIn({ db })
    const hub = createHub()
    const limit = rateLimit({ perSecond: settings.RATE_LIMIT_PER_SECOND, clock: () => performance.now() })
    const catalogue = catalogueFor(service)
    const wallets = writerOf(wallet, { client, now, newId })
    const orders = orderCommands({
      client,
      orders: writerOf(order, { client, now, newId }),
      catalogue,
      now,
      paymentTimeout: settings.ORDER_PAYMENT_TIMEOUT,
    })
    const processor = cardProcessor({
      settings,
      observer: watchProcessor(registry),
      clock: () => performance.now(),
    })
    const payments = writerOf(payment, { client, now, newId })
    const people = settings.AUTH_MODE === 'jwt' ? await peopleFor(service, { client, db }) : undefined
    const access = accessFor(service, { client, ...(people && { keys: people.keys }) })
    people?.serve(access)
    serveApi({
      http,
      client,
      wallets: walletCommands(wallets),
      topUps: topUpCommands({
        topUps: writerOf(topUp, { client, now, newId }),
        wallets,
        processor,
        now,
      }),
      orders,
      cards: cardCommands({ payments, processor, order: orderReader(client), now }),
      shop: shopOf({ client, catalogue, now, newId }),
      readModels,
      control: controlOf({ client, db, projections: foldables, now }),
      hub,
      access,
      messages: messagesIn(db, now),
      ...(people && { profileOf: people.profiles.find }),
      limit,
      introspection: settings.GRAPHQL_INTROSPECTION,
      newId,
      log,
    })
    // The products of a service have pictures of its own.
    if (settings.PRODUCT_SERVICE_URL === undefined) servePictures(http, catalogue)
    watchHub(registry, hub)
    check({ name: 'live updates', run: () => Promise.resolve().then(() => hub.position()) })
    work('live updates', feedHub({ client, readModels, hub, signal, log }))
  },
})
