import { z } from 'zod'
import type { OrderId, UserId } from '../domain/ids.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import type { Chat } from '../notifications/chats.ts'
import type { Messages } from '../notifications/messages.ts'
import { Language, languageOf } from '../notifications/words/language.ts'
import { tell } from '../notifications/words/tell.ts'
import { orderOf } from '../orders/shown.ts'
import type { DeliveryStatus, NotificationDocument, OrderDocument } from '../projections/documents.ts'
import type { ReadModels } from '../projections/readModels.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import { parsed } from './input.ts'

import { asPeriod, period } from './period.ts'
import type { ProfileOf } from './person.ts'
import { field, mutationWithin, queryOver } from './resolver.ts'

export interface NotificationParts {
  readonly readModels: ReadModels
  readonly messages: Messages
  readonly profileOf?: ProfileOf
  readonly limit: RateLimit
}

const Notifications = asPeriod(z.object({ ...period, ...paging }))
const LinkTelegram = z.object({ input: z.object({ idempotencyKey: IdempotencyKey }) })
const Text = z.object({ language: Language.nullish() })

/** What people are told of their orders, and where. */
export const notificationResolvers = ({ readModels, messages, profileOf, limit }: NotificationParts) => {
  const languageFor = async (userId: UserId): Promise<Language> => {
    const chat = await messages.chatOf(userId)
    return chat?.language ?? languageOf((await profileOf?.(userId))?.language ?? undefined)
  }

  return {
    Query: {
      notifications: queryOver(
        readModels,
        'orders',
        'notifications',
      )(Notifications, async ({ args, viewer }) => {
        const { from, to } = args
        const wanted = pageOf('notification', args)
        const page = await readModels.notifications(viewer.id, { from, to }, wanted)
        const orders = await ordersOf(readModels, page.documents)
        const language = page.documents.length > 0 ? await languageFor(viewer.id) : languageOf(undefined)
        const node = (document: NotificationDocument) => notificationOf(document, orders, language)
        return connectionOf('notification', wanted, page, ({ begunPosition }) => begunPosition, node)
      }),
    },

    Mutation: {
      // The key changes nothing: of all links that somebody asks for, the last one is good.
      linkTelegram: mutationWithin(limit)(LinkTelegram, async ({ viewer }) => {
        const link = await messages.newLink(viewer.id)
        if (!link)
          return {
            __typename: 'TelegramNotSetUp',
            message: 'This shop sends no messages by Telegram; look into your inbox here.',
          } as const
        return { __typename: 'TelegramLink', ...link, expiresAt: link.expiresAt.toISOString() } as const
      }),
    },

    Person: {
      telegram: field(z.object({}), async ({ viewer }) => {
        const chat = await messages.chatOf(viewer.id)
        return chat && chatShown(chat)
      }),
    },
  }
}

type Orders = ReadonlyMap<OrderId, OrderDocument>

const ordersOf = async (
  readModels: ReadModels,
  documents: readonly NotificationDocument[],
): Promise<Orders> => {
  const ids = new Set(documents.map(({ orderId }) => orderId))
  return new Map((await readModels.ordersById([...ids])).map((order) => [order._id, order]))
}

const notificationOf = (document: NotificationDocument, orders: Orders, theirs: Language) => {
  const { _id: id, audience, notice, orderId, at, delivery } = document
  const order = orders.get(orderId)
  if (!order) throw new Unavailable(`order ${orderId} is not in the read model yet`)
  const { price } = order
  return {
    id,
    kind: notice.kind === 'REFUNDED' && !notice.isFull ? 'PARTIALLY_REFUNDED' : notice.kind,
    orderId,
    order: orderOf(order),
    text: (args: unknown) =>
      tell(parsed(Text, args).language ?? theirs, { audience, notice, orderId, price, at }),
    at,
    telegram: delivery && { ...delivery, status: shown[delivery.status] },
  }
}

const shown = {
  WAITING: 'WAITING',
  CLAIMED: 'SENDING',
  DELIVERED: 'DELIVERED',
  FAILED: 'NOT_DELIVERED',
  UNKNOWN: 'UNKNOWN',
} as const satisfies Record<DeliveryStatus, string>

const chatShown = ({ silenced, language, linkedAt }: Chat) => ({
  status: silenced?.reason ?? ('LINKED' as const),
  language,
  linkedAt: linkedAt.toISOString(),
})
