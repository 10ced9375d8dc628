import { ann, minutesAfterNoon, noon, orderId } from '../domain/controls.ts'
import type { Audience, Delay, DeliveryFailure, Message, NotificationEvent } from './events.ts'
import type { Notice } from './notice.ts'

type Of<T extends NotificationEvent['type']> = Extract<NotificationEvent, { type: T }>

/** What is told of the first order's second event, for tests. */
export const message = (audience: Audience = 'CUSTOMER'): Message => ({
  orderId: orderId(1),
  orderRevision: 1,
  audience,
})

export const queued = (
  audience: Audience = 'CUSTOMER',
  notice: Notice = { kind: 'PAID' },
): Of<'NotificationQueued'> => ({
  type: 'NotificationQueued',
  data: { ...message(audience), customerId: ann, notice, happenedAt: noon.toISOString() },
})

const until = minutesAfterNoon(1).toISOString()

export const claimed = (tries = 1): Of<'DeliveryClaimed'> => ({
  type: 'DeliveryClaimed',
  data: { ...message(), tries, until },
})
export const postponed = (reason: Delay): Of<'DeliveryPostponed'> => ({
  type: 'DeliveryPostponed',
  data: { ...message(), reason, until },
})
export const sent = (): Of<'NotificationDelivered'> => ({ type: 'NotificationDelivered', data: message() })
export const failed = (reason: DeliveryFailure): Of<'DeliveryFailed'> => ({
  type: 'DeliveryFailed',
  data: { ...message(), reason },
})
export const unknown = (): Of<'DeliveryUnknown'> => ({ type: 'DeliveryUnknown', data: message() })
