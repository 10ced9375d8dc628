import type { EventOf } from '../eventstore/catalogue.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import { notificationEvents } from '../notifications/events.ts'
import type { Message, NotificationEvent } from '../notifications/events.ts'
import { noticeOf, toldToCustomers } from '../notifications/notice.ts'
import { NotificationView } from './documents.ts'
import { projection } from './projection.ts'

type Told = EventOf<typeof toldToCustomers>
type Delivery = NonNullable<NotificationView['delivery']>

/**
 * What customers and the shop are told. A customer's inbox follows from the orders alone, so that it costs no further
 * events; those of a message say how it gets on where there is a chat to send it to.
 */
export const notifications = projection({
  name: 'notifications',
  version: 1,
  events: { ...toldToCustomers, ...notificationEvents },
  view: NotificationView,
  indexes: [
    { key: { userId: 1, begunPosition: -1 } },
    // Only what is on its way: nearly all has come to its end, or was never to be sent.
    { key: { audience: 1, dueAt: 1 }, partialFilterExpression: { dueAt: { $exists: true } } },
  ],
  id: (event) => idOf(messageOf(event)),
  begins: (event) =>
    isDelivery(event) ? event.type === 'NotificationQueued' && event.data.audience === 'SHOP' : true,
  apply: (before, event) => {
    if (!isDelivery(event)) return told(event)
    if (event.type === 'NotificationQueued') return { ...(before ?? toldToShop(event)), ...step(event, 0) }
    if (!before?.delivery) return impossible(`${event.type} before it was queued`)
    const { dueAt: _, ...view } = before
    return { ...view, ...step(event, before.delivery.tries) }
  },
})

const idOf = ({ orderId, orderRevision, audience }: Message): string =>
  `${orderId}:${orderRevision}:${audience}`

const isDelivery = (event: Recorded<Told | NotificationEvent>): event is Recorded<NotificationEvent> =>
  event.type in notificationEvents

const messageOf = (event: Recorded<Told | NotificationEvent>): Message =>
  isDelivery(event)
    ? event.data
    : { orderId: event.data.orderId, orderRevision: event.revision, audience: 'CUSTOMER' }

const told = (event: Recorded<Told>): NotificationView => {
  const message = messageOf(event)
  return {
    _id: idOf(message),
    ...message,
    userId: event.data.customerId,
    notice: noticeOf(event),
    at: event.metadata.at,
    begunPosition: Number(event.position),
  }
}

const toldToShop = ({
  data: { orderId, orderRevision, audience, notice, happenedAt },
  position,
}: Recorded<Extract<NotificationEvent, { type: 'NotificationQueued' }>>): NotificationView => {
  const message = { orderId, orderRevision, audience }
  return audience === 'SHOP'
    ? { _id: idOf(message), ...message, notice, at: happenedAt, begunPosition: Number(position) }
    : impossible('a message to a customer about what never happened')
}

/** Where an event leaves the delivery; what waits and what is claimed has to be looked after some time. */
const step = (
  { type, data, metadata: { at } }: Recorded<NotificationEvent>,
  tries: number,
): { delivery: Delivery; dueAt?: string } => {
  switch (type) {
    case 'NotificationQueued':
      return { delivery: { status: 'WAITING', tries, at }, dueAt: at }
    case 'DeliveryClaimed':
      return { delivery: { status: 'CLAIMED', tries: data.tries, at }, dueAt: data.until }
    case 'DeliveryPostponed':
      return { delivery: { status: 'WAITING', tries, reason: data.reason, at }, dueAt: data.until }
    case 'NotificationDelivered':
      return { delivery: { status: 'DELIVERED', tries, at } }
    case 'DeliveryFailed':
      return { delivery: { status: 'FAILED', tries, reason: data.reason, at } }
    case 'DeliveryUnknown':
      return { delivery: { status: 'UNKNOWN', tries, at } }
    default:
      return type satisfies never
  }
}
