import { codecOf } from '../eventstore/codec.ts'
import { impossible, refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { notificationEvents } from './events.ts'
import type { Delay, DeliveryFailure, Message, NotificationEvent } from './events.ts'

/** A message on its way. `tries`: how often somebody was about to send it. */
export type Notification =
  | { readonly status: 'NONE' }
  | {
      readonly status: 'WAITING' | 'CLAIMED' | 'DELIVERED' | 'FAILED' | 'UNKNOWN'
      readonly message: Message
      readonly tries: number
    }

type Queued = Exclude<Notification, { status: 'NONE' }>

const evolve = (notification: Notification, { type, data }: NotificationEvent): Notification => {
  if (type === 'NotificationQueued') {
    const { orderId, orderRevision, audience } = data
    return { status: 'WAITING', message: { orderId, orderRevision, audience }, tries: 0 }
  }
  const queued = asQueued(notification)
  switch (type) {
    case 'DeliveryClaimed':
      return { ...queued, status: 'CLAIMED', tries: data.tries }
    case 'DeliveryPostponed':
      return { ...queued, status: 'WAITING' }
    case 'NotificationDelivered':
      return { ...queued, status: 'DELIVERED' }
    case 'DeliveryFailed':
      return { ...queued, status: 'FAILED' }
    case 'DeliveryUnknown':
      return { ...queued, status: 'UNKNOWN' }
    default:
      return type satisfies never
  }
}

const asQueued = (notification: Notification): Queued =>
  notification.status === 'NONE' ? impossible('a message that nobody queued') : notification

/** Streams `notification-<order id>-<order revision>-<audience>`. */
export const notification: Aggregate<Notification, NotificationEvent> = {
  category: 'notification',
  codec: codecOf(notificationEvents),
  initial: { status: 'NONE' },
  evolve,
}

/** The rest of its stream's name. */
export const idOf = ({ orderId, orderRevision, audience }: Message): string =>
  `${orderId}-${orderRevision}-${audience.toLowerCase()}`

/** What is to be told; queued once, however often it is asked for. */
export const queue =
  (data: Extract<NotificationEvent, { type: 'NotificationQueued' }>['data']) =>
  (notification: Notification): readonly NotificationEvent[] =>
    notification.status === 'NONE' ? [{ type: 'NotificationQueued', data }] : []

/** Somebody else sends it, or nobody does any more. */
export interface NotWaiting {
  readonly code: 'NOT_WAITING'
}

/** I am the one who sends it: only who was not refused may do so, and only this time. */
export const claim =
  (until: Date) =>
  (notification: Notification): Decision<NotificationEvent, NotWaiting> => {
    const { status, message, tries } = asQueued(notification)
    return status === 'WAITING'
      ? [
          {
            type: 'DeliveryClaimed',
            data: { ...message, tries: tries + 1, until: until.toISOString() },
          },
        ]
      : refuse({ code: 'NOT_WAITING' })
  }

/** It was claimed, and not sent; nothing of it has gone out. One that was given up meanwhile stays so. */
export const postpone =
  (reason: Delay, until: Date) =>
  (notification: Notification): readonly NotificationEvent[] => {
    const { status, message } = asQueued(notification)
    switch (status) {
      case 'CLAIMED':
        return [{ type: 'DeliveryPostponed', data: { ...message, reason, until: until.toISOString() } }]
      case 'UNKNOWN':
        return []
      default:
        return impossible(`postponing a message that is ${status}`)
    }
  }

/** It was claimed, and sent, perhaps after everybody had stopped waiting for the answer. */
export const delivered =
  () =>
  (notification: Notification): readonly NotificationEvent[] => {
    const { status, message } = asQueued(notification)
    switch (status) {
      case 'CLAIMED':
      case 'UNKNOWN':
        return [{ type: 'NotificationDelivered', data: message }]
      default:
        return impossible(`delivering a message that is ${status}`)
    }
  }

/** It was claimed, and will never be taken. */
export const fail =
  (reason: DeliveryFailure) =>
  (notification: Notification): readonly NotificationEvent[] => {
    const { status, message } = asQueued(notification)
    switch (status) {
      case 'CLAIMED':
      case 'UNKNOWN':
        return [{ type: 'DeliveryFailed', data: { ...message, reason } }]
      default:
        return impossible(`a refused message that is ${status}`)
    }
  }

/** It makes no sense to send it. Nothing comes of that where somebody has claimed it. */
export const giveUp =
  (reason: DeliveryFailure) =>
  (notification: Notification): readonly NotificationEvent[] => {
    const { status, message } = asQueued(notification)
    return status === 'WAITING' ? [{ type: 'DeliveryFailed', data: { ...message, reason } }] : []
  }

/** Whoever claimed it for the n-th time has not said what became of it, and it is too late for that. */
export const doubt =
  (tries: number) =>
  (notification: Notification): readonly NotificationEvent[] => {
    const { status, message, tries: last } = asQueued(notification)
    return status === 'CLAIMED' && last === tries ? [{ type: 'DeliveryUnknown', data: message }] : []
  }
