import { z } from 'zod'
import { accessFor } from '../access/accessFor.ts'
import { runReaction } from '../eventstore/reaction.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { dueTopUps } from '../projections/dueTopUps.ts'
import { readModels } from '../projections/readModels.ts'
import { accessSettings, cardSettings, processSettings, settings } from '../service/config.ts'
import { rateLimit } from '../service/rateLimit.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { databaseFor, eventStoreFor } from '../service/stores.ts'
import { cardCommands } from './card/commands.ts'
import { closeCards } from './card/closeCards.ts'
import { keptEvents } from './card/kept.ts'
import { countWebhooks, reportBounced, watchProcessor } from './card/metrics.ts'
import { orderReader } from './card/order.ts'
import { orderNews } from './card/orderNews.ts'
import { cardProcessor } from './card/processor.ts'
import { refundCard } from './card/refundCard.ts'
import { serveWebhook } from './card/webhook.ts'
import { chargeWallet } from './chargeWallet.ts'
import { walletCommands } from './commands.ts'
import { paymentDocument, servePayments } from './http/serve.ts'
import { payment } from './payment.ts'
import { chargeOrders, refundOrders } from './reactions.ts'
import { refundWallet } from './refundWallet.ts'
import { watchTopUps } from './topUp/metrics.ts'
import { topUpService } from './topUp/service.ts'
import { wallet } from './wallet.ts'

/**
 * The payments service: orders are charged to their customers' wallets, what the card processor tells is put on record,
 * and money is given back to where it came from.
 */
await runService({
  name: 'payments',
  env: process.env,
  settings: z.object({
    ...processSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    MONGODB_URL: settings.MONGODB_URL,
    MONGODB_DATABASE: settings.MONGODB_DATABASE,
    ...cardSettings,
    ...accessSettings,
    RATE_LIMIT_PER_SECOND: settings.RATE_LIMIT_PER_SECOND,
    DEFAULT_CURRENCY: settings.DEFAULT_CURRENCY,
    PAYMENTS_PORT: settings.PAYMENTS_PORT,
  }),
  port: ({ PAYMENTS_PORT }) => PAYMENTS_PORT,
  document: ({ AUTH_MODE }) => paymentDocument(AUTH_MODE),
  start: (service) => {
    const { settings, http, log, registry, signal, now, newId, check, work } = service
    const client = eventStoreFor(service)
    const db = databaseFor(service)
    const observer = watchReactions(registry, log)
    const wallets = writerOf(wallet, { client, now, newId })
    const payments = writerOf(payment, { client, now, newId })
    const react = <E>(reaction: Reaction<E>) => {
      check(observer.isConnected(reaction.group))
      work(reaction.group, runReaction(reaction, { client, signal, observer }))
    }
    react(chargeOrders({ charge: chargeWallet({ client, wallets, now }), payments }))
    const processor = cardProcessor({
      settings,
      observer: watchProcessor(registry),
      clock: () => performance.now(),
    })
    const order = orderReader(client)
    react(
      refundOrders({
        toWallet: refundWallet({ client, wallets }),
        toCard: refundCard(processor),
        payments,
      }),
    )
    react(closeCards({ payments, processor, order }))
    const { expiry, ...told } = watchTopUps(registry, log)
    const topUps = topUpService({ client, wallets, processor, now, newId, ...told })
    react(topUps.settle)
    const due = (at: Date, limit: number) => dueTopUps(db, at, limit)
    work('top-ups', topUps.watch({ due, signal, observer: expiry }))
    servePayments(http, {
      wallets: walletCommands(wallets),
      cards: cardCommands({ payments, processor, order, now }),
      readModels: readModels({ db }),
      access: accessFor(service, { client }),
      limit: rateLimit({ perSecond: settings.RATE_LIMIT_PER_SECOND, clock: () => performance.now() }),
      currency: settings.DEFAULT_CURRENCY,
    })
    if (settings.STRIPE_WEBHOOK_SECRET === undefined)
      // Nothing is wrong where no cards are taken at all.
      log[settings.STRIPE_SECRET_KEY === undefined ? 'info' : 'warn'](
        'no webhook of the card processor is believed (STRIPE_WEBHOOK_SECRET is not set)',
      )
    else
      serveWebhook({
        http,
        secret: settings.STRIPE_WEBHOOK_SECRET,
        kept: keptEvents(db, now),
        handlers: {
          'top-up': topUps.news,
          order: orderNews({
            payments,
            processor,
            order,
            bounced: reportBounced(registry, log),
          }),
        },
        intent: (id) => processor.intent(id),
        count: countWebhooks(registry),
        now,
      })
  },
})
