import { z } from 'zod'
import { OrderId, UserId } from '../domain/ids.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { Notice } from './notice.ts'

/** Whom a message is for: the customer of an order, or the shop. */
export const Audience = z.enum(['CUSTOMER', 'SHOP'])
export type Audience = z.infer<typeof Audience>

/** A message: what is told of one event of an order to one of those who hear of it. */
export const Message = z.object({
  orderId: OrderId,
  /** Revision of the order's event. */
  orderRevision: z.int().min(0),
  audience: Audience,
})
export type Message = z.infer<typeof Message>

/** Why a message could not be sent yet; nothing of it has gone out. */
export const Delay = z.enum(['RATE_LIMITED', 'UNREACHABLE', 'TOKEN_REFUSED'])
export type Delay = z.infer<typeof Delay>

/** Why a message is never sent. */
export const DeliveryFailure = z.enum(['BLOCKED', 'CHAT_NOT_FOUND', 'REJECTED', 'NOT_LINKED', 'TOO_OLD'])
export type DeliveryFailure = z.infer<typeof DeliveryFailure>

const At = z.iso.datetime()

/** Events of `notification-<order id>-<order revision>-<audience>`: a message on its way to a Telegram chat. */
export const notificationEvents = {
  NotificationQueued: event(
    Message.extend({
      customerId: UserId,
      notice: Notice,
      /** When the order's event happened. */
      happenedAt: At,
    }),
  ),
  /** It is about to be sent, for the n-th time; whoever claimed it knows more by then, or nobody ever will. */
  DeliveryClaimed: event(Message.extend({ tries: z.int().min(1), until: At })),
  /** It was not sent, and may be from then on. */
  DeliveryPostponed: event(Message.extend({ reason: Delay, until: At })),
  NotificationDelivered: event(Message),
  DeliveryFailed: event(Message.extend({ reason: DeliveryFailure })),
  /** It may have been sent or not; it is not sent again. */
  DeliveryUnknown: event(Message),
}
export type NotificationEvent = EventOf<typeof notificationEvents>
