import { z } from 'zod'
import { runReaction } from '../eventstore/reaction.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { processSettings, settings } from '../service/config.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { eventStoreFor } from '../service/stores.ts'
import { chargeWallet } from './chargeWallet.ts'
import { payment } from './payment.ts'
import { chargeOrders, refundOrders } from './reactions.ts'
import { refundWallet } from './refundWallet.ts'
import { wallet } from './wallet.ts'

/** The payments service: orders are charged to their customers' wallets, and money is given back to them. */
await runService({
  name: 'payments',
  env: process.env,
  settings: z.object({
    ...processSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    PAYMENTS_PORT: settings.PAYMENTS_PORT,
  }),
  port: ({ PAYMENTS_PORT }) => PAYMENTS_PORT,
  start: (service) => {
    const { log, registry, signal, now, newId, check, work } = service
    const client = eventStoreFor(service)
    const observer = watchReactions(registry, log)
    const wallets = writerOf(wallet, { client, now, newId })
    const payments = writerOf(payment, { client, now, newId })
    const react = <E>(reaction: Reaction<E>) => {
      check(observer.isConnected(reaction.group))
      work(reaction.group, runReaction(reaction, { client, signal, observer }))
    }
    react(chargeOrders({ charge: chargeWallet({ client, wallets, now }), payments }))
    react(refundOrders({ refund: refundWallet({ client, wallets }), payments }))
  },
})
