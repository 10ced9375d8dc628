import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach } from 'vitest'
import type { UserId } from '../domain/ids.ts'
import { runReaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import { cancel, pay } from '../orders/lifecycle.ts'
import { order, place } from '../orders/order.ts'
import type { NewOrder } from '../orders/order.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import { cause, person, placing, readSide } from '../projections/underTest.ts'
import { startNodes } from '../tests/startNodes.ts'
import { botIn } from './bot.ts'
import { startBotApi } from './botApiUnderTest.ts'
import type { BotApi } from './botApiUnderTest.ts'
import { chatsIn } from './chats.ts'
import { linkCodesIn } from './linkCodes.ts'
import { claim, idOf, notification, queue } from './notification.ts'
import { queueNotifications } from './reaction.ts'
import { runTelegram } from './runTelegram.ts'
import type { RunTelegramObserver } from './runTelegram.ts'
import { telegramAt } from './telegram.ts'
import { tokenOf } from './token.ts'

export const SHOP = '-100200300'

/** What an order's time is, in all these examples: now, as only what is news is told. */
const now = () => new Date()
const nothing = () => undefined
const unobserved = {
  connected: nothing,
  handled: nothing,
  retried: nothing,
  parked: nothing,
  disconnected: nothing,
}

let chatNumber = 1_000

/** The notifications service in this process, on embedded nodes and a Bot API of the test's own. */
export const messaging = () => {
  const side = readSide(startNodes)
  let api: BotApi
  let stops: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    api = await startBotApi()
    side.run()
  })
  afterEach(async () => {
    for (const stop of stops.toReversed()) await stop()
    stops = []
    await api.stop()
  })

  const writing = () => ({ client: side.client(), now, newId: randomUUID })
  const orders = () => writerOf(order, writing())

  return {
    ...side,
    person,
    api: () => api,
    chats: () => chatsIn(side.db()),
    codes: () => linkCodesIn(side.db()),
    models: () => readModelsIn({ db: side.db() }),

    /** Puts another Bot API at the place of one that has stopped. */
    apiIsBack: async () => {
      api = await startBotApi(api.port)
    },

    /** Starts the service, and answers what it noted and how to stop it. */
    start: async (options: { readonly timeout?: number; readonly now?: () => Date } = {}) => {
      const ending = new AbortController()
      const { signal } = ending
      const noted: string[] = []
      const observer: RunTelegramObserver = {
        sent: nothing,
        postponed: (_, reason) => noted.push(reason),
        notDelivered: (_, reason) => noted.push(reason),
        unknown: () => noted.push('UNKNOWN'),
        waiting: nothing,
        failed: (_, fault) => noted.push(`failed: ${String(fault)}`),
        blind: nothing,
        deaf: nothing,
        mute: nothing,
        unsure: nothing,
        leads: (so) => noted.push(so ? 'LEADS' : 'STANDS_BY'),
      }
      const db = side.db()
      const [chats, codes] = [chatsIn(db), linkCodesIn(db)]
      await chats.prepare()
      await codes.prepare()
      const timeout = options.timeout ?? 1_000
      const telegram = telegramAt({ token: api.token, apiRoot: api.url, timeout })
      const token = tokenOf({ telegram, onFault: nothing })
      const notifications = writerOf(notification, writing())
      const reaction = queueNotifications({ notifications, chats, tellsShop: true, now })
      const priceOf = async (orderId: NewOrder['orderId']) => {
        const found = await readModelsIn({ db }).order(orderId)
        if (!found) throw new Error('the order is not there')
        return found.price
      }
      const parts = { db, notifications, telegram, token, chats, codes, priceOf, timeout, signal, observer }
      const works = [
        runReaction(reaction, { client: side.client(), signal, observer: unobserved }),
        runTelegram({
          ...parts,
          record: botIn(db),
          shopChat: SHOP,
          now: options.now ?? now,
          newId: randomUUID,
          interval: 50,
        }),
      ]
      const stop = async () => {
        ending.abort()
        await Promise.all(works)
      }
      stops.push(stop)
      return { noted, stop, token }
    },

    /** Somebody with a chat of their own. */
    linked: async (language: 'EN' | 'RU' = 'EN') => {
      const userId = person()
      const chatId = ++chatNumber
      await chatsIn(side.db()).link({ _id: userId, chatId, language, linkedAt: new Date() })
      return { userId, chatId }
    },

    /** Places an order, which is paid at once. */
    paidOrder: async (customerId: UserId): Promise<NewOrder> => {
      const placed = placing(customerId)
      await orders().transact(placed.orderId, place(placed), { cause })
      await orders().transact(placed.orderId, pay(), { cause })
      return placed
    },
    cancelledOrder: async (customerId: UserId): Promise<NewOrder> => {
      const placed = placing(customerId)
      await orders().transact(placed.orderId, place(placed), { cause })
      await orders().transact(placed.orderId, cancel('CUSTOMER'), { cause })
      return placed
    },

    /** Somebody is about to tell the customer that the order is paid, for so many milliseconds, and is no more. */
    claimAndDie: async ({ orderId, customerId }: NewOrder, ms: number): Promise<void> => {
      const writer = writerOf(notification, writing())
      const told = { orderId, orderRevision: 1, audience: 'CUSTOMER', customerId } as const
      const data = { ...told, notice: { kind: 'PAID' }, happenedAt: now().toISOString() } as const
      await writer.transact(idOf(told), queue(data), { cause })
      await writer.transact(idOf(told), claim(new Date(Date.now() + ms)), { cause })
    },

    /** What became of the message to a customer about the end of an order: `DELIVERED`, `FAILED BLOCKED`, … */
    deliveryOf: async ({ orderId }: NewOrder, customerId: UserId): Promise<string | undefined> => {
      const page = { first: 100, after: undefined }
      const { documents } = await readModelsIn({ db: side.db() }).notifications(customerId, {}, page)
      const delivery = documents.find((each) => each.orderId === orderId)?.delivery
      return delivery && [delivery.status, delivery.reason].filter(Boolean).join(' ')
    },
  }
}
