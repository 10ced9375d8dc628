import type { EventOf } from '../eventstore/catalogue.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { follow } from '../eventstore/metadata.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { Chats } from './chats.ts'
import type { Audience, NotificationEvent } from './events.ts'
import { noticeOf, toldToShop } from './notice.ts'
import { idOf, notification, queue } from './notification.ts'
import type { Notification } from './notification.ts'

type Told = EventOf<typeof toldToShop>

/** Milliseconds after which something is no news any more: what could not be sent by then is not sent. */
export const NEWS = 3_600_000

export interface QueueNotificationsOptions {
  readonly notifications: Writer<Notification, NotificationEvent>
  readonly chats: Pick<Chats, 'of'>
  /** Whether there is a chat of the shop's own. */
  readonly tellsShop: boolean
  readonly now: () => Date
}

/** What happens to an order is queued for those who have a chat to hear of it. */
export const queueNotifications = ({
  notifications,
  chats,
  tellsShop,
  now,
}: QueueNotificationsOptions): Reaction<Told> => {
  const hearing = async (event: Recorded<Told>): Promise<readonly Audience[]> => {
    const { at } = event.metadata
    // The shop has no inbox that could show it: what is old when it is met first is passed over.
    const shop: readonly Audience[] = tellsShop && now().getTime() - Date.parse(at) < NEWS ? ['SHOP'] : []
    if (event.type === 'OrderPlaced') return shop
    const chat = await chats.of(event.data.customerId)
    // Whoever links a chat is told there of what happens from then on.
    const isHeard = chat && !chat.silenced && chat.linkedAt.toISOString() <= at
    return isHeard ? [...shop, 'CUSTOMER'] : shop
  }

  return {
    group: 'notifications-orders',
    codec: codecOf(toldToShop),
    handle: async (event) => {
      const { orderId, customerId } = event.data
      const told = { orderId, orderRevision: event.revision, customerId, notice: noticeOf(event) }
      for (const audience of await hearing(event)) {
        const data = { ...told, audience, happenedAt: event.metadata.at }
        await notifications.transact(idOf(data), queue(data), {
          cause: follow(event, 'notifications'),
          known: { state: notification.initial, revision: -1 },
        })
      }
    },
  }
}
