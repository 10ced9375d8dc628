import { z } from 'zod'
import { runReaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import { processSettings, settings, telegramSettings } from '../service/config.ts'
import { watchReactions } from '../service/reactionMetrics.ts'
import { runService } from '../service/run.ts'
import { databaseFor, eventStoreFor } from '../service/stores.ts'
import { untilUp } from '../service/untilUp.ts'
import { botIn } from './bot.ts'
import { chatsIn } from './chats.ts'
import { linkCodesIn } from './linkCodes.ts'
import { watchNotifications } from './metrics.ts'
import { notification } from './notification.ts'
import { queueNotifications } from './reaction.ts'
import { runTelegram } from './runTelegram.ts'
import { telegramAt } from './telegram.ts'
import { tokenOf } from './token.ts'

/**
 * The notifications service: customers and the shop are told by Telegram what becomes of orders. Without a bot's
 * token it has nothing to do: the inbox of customers is a read model like any other.
 */
await runService({
  name: 'notifications',
  env: process.env,
  settings: z.object({
    ...processSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    MONGODB_URL: settings.MONGODB_URL,
    MONGODB_DATABASE: settings.MONGODB_DATABASE,
    NOTIFICATIONS_PORT: settings.NOTIFICATIONS_PORT,
    ...telegramSettings,
  }),
  port: ({ NOTIFICATIONS_PORT }) => NOTIFICATIONS_PORT,
  start: (service) => {
    const { log, registry, signal, now, newId, check, work } = service
    const { TELEGRAM_BOT_TOKEN: botToken, TELEGRAM_API_ROOT: apiRoot } = service.settings
    const { TELEGRAM_SHOP_CHAT: shopChat, TELEGRAM_TIMEOUT: timeout } = service.settings
    const client = eventStoreFor(service)
    const db = databaseFor(service)
    if (botToken === undefined) {
      log.info('there is no TELEGRAM_BOT_TOKEN: what people are told is in their inbox only')
      return
    }
    const observer = watchNotifications(registry, log)
    const watched = watchReactions(registry, log)
    const notifications = writerOf(notification, { client, now, newId })
    const telegram = telegramAt({ token: botToken, apiRoot, timeout })
    const token = tokenOf({ telegram, onFault: observer.deaf })
    const [chats, codes, record] = [chatsIn(db), linkCodesIn(db), botIn(db)]
    const readModels = readModelsIn({ db })
    check(token.check)

    const reaction = queueNotifications({ notifications, chats, tellsShop: shopChat !== undefined, now })
    check(watched.isConnected(reaction.group))
    work(reaction.group, runReaction(reaction, { client, signal, observer: watched }))

    const speak = async (): Promise<void> => {
      await untilUp('the indexes of chats', () => Promise.all([chats.prepare(), codes.prepare()]), {
        signal,
        log,
      })
      await runTelegram({
        db,
        notifications,
        telegram,
        token,
        chats,
        codes,
        record,
        shopChat,
        priceOf: async (orderId) => {
          const order = await readModels.order(orderId)
          if (!order) throw new Error(`order ${orderId} is not there`)
          return order.price
        },
        timeout,
        now,
        newId,
        signal,
        observer,
      })
    }
    work('telegram', speak())
  },
})
