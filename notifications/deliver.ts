import type { Cause } from '../eventstore/metadata.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { NotificationDocument } from '../projections/documents.ts'
import type { Audience, Delay, DeliveryFailure, NotificationEvent } from './events.ts'
import type { Line } from './line.ts'
import { claim, delivered, doubt, fail, idOf, postpone } from './notification.ts'
import type { Notification } from './notification.ts'
import type { Outcome } from './outcome.ts'
import type { Recipient, Recipients } from './recipients.ts'
import { TelegramFault } from './telegram.ts'
import type { Telegram } from './telegram.ts'
import type { Token } from './token.ts'

export interface DeliveryObserver {
  readonly sent: (audience: Audience) => void
  readonly postponed: (audience: Audience, reason: Delay, why: string) => void
  readonly notDelivered: (audience: Audience, reason: DeliveryFailure) => void
  readonly unknown: (audience: Audience, why: string) => void
}

export interface Delivery {
  readonly document: NotificationDocument
  readonly recipient: Recipient
  readonly text: string
  readonly cause: Cause
  readonly notifications: Writer<Notification, NotificationEvent>
  readonly telegram: Pick<Telegram, 'send'>
  readonly token: Token
  readonly line: Line
  readonly recipients: Recipients
  /** Milliseconds that a request may take. */
  readonly timeout: number
  readonly now: () => Date
  readonly observer: DeliveryObserver
}

/**
 * Claims a message, sends it, and puts on record what became of it. Whoever dies in between leaves a claim behind,
 * which nobody takes up: the message may have gone out.
 */
export const deliver = async (delivery: Delivery): Promise<void> => {
  const { document, recipient, text, cause, notifications, telegram, token, line, recipients } = delivery
  const { timeout, now, observer } = delivery
  const { audience } = document
  const id = idOf(document)
  const later = (ms: number) => new Date(now().getTime() + ms)

  // A turn may take as long as the request; whoever waits longer than both gives the claim up for lost.
  const claimed = await notifications.transact(id, claim(later(3 * timeout)), { cause })
  if (claimed.refused !== undefined || claimed.events.length === 0) return
  const { state } = claimed
  const tries = state.status === 'NONE' ? 0 : state.tries

  const isMyTurn = await line.turn(recipient.address, timeout)
  const outcome: Outcome = isMyTurn ? await telegram.send(recipient.address, text) : unsent
  const rest = isMyTurn ? line.learn(outcome) : line.wait(recipient.address)
  switch (outcome.status) {
    case 'DONE':
      await notifications.transact(id, delivered(), { cause })
      return observer.sent(audience)
    case 'NOT_YET':
      token.note(new TelegramFault(outcome))
      await notifications.transact(id, postpone(outcome.reason, later(rest)), { cause })
      return observer.postponed(audience, outcome.reason, outcome.why)
    case 'NEVER':
      // First, so that nobody sends anything more there.
      await recipients.silence(recipient, outcome.reason)
      await notifications.transact(id, fail(outcome.reason), { cause })
      return observer.notDelivered(audience, outcome.reason)
    case 'UNKNOWN':
      await notifications.transact(id, doubt(tries), { cause })
      return observer.unknown(audience, outcome.why)
    default:
      return outcome satisfies never
  }
}

/** The line rests for longer than a claim may last. */
const unsent = {
  status: 'NOT_YET',
  reason: 'RATE_LIMITED',
  why: 'Telegram wants to be left alone for a while',
} as const satisfies Outcome
