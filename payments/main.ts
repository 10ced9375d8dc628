import { z } from 'zod'
import { runReaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { processSettings, settings } from '../service/config.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { eventStoreFor } from '../service/stores.ts'
import { chargeWallet } from './chargeWallet.ts'
import { payment } from './payment.ts'
import { chargeOrders } from './reactions.ts'
import { wallet } from './wallet.ts'

/** The payments service: orders that are placed are charged to their customers' wallets. */
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
    const charging = chargeOrders({
      charge: chargeWallet({ client, wallets: writerOf(wallet, { client, now, newId }), now }),
      payments: writerOf(payment, { client, now, newId }),
    })
    check(observer.isConnected(charging.group))
    work(charging.group, runReaction(charging, { client, signal, observer }))
  },
})
