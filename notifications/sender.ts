import type { Db } from 'mongodb'
import { LRUCache } from 'lru-cache'
import type { Money } from '../domain/money.ts'
import type { OrderId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import type { Outcome, Writer } from '../eventstore/transact.ts'
import type { NotificationDocument } from '../projections/documents.ts'
import { countWaiting, dueNotifications } from '../projections/dueNotifications.ts'
import { deliver } from './deliver.ts'
import type { DeliveryObserver } from './deliver.ts'
import { Audience } from './events.ts'
import type { NotificationEvent } from './events.ts'
import type { Line } from './line.ts'
import { doubt, giveUp, idOf } from './notification.ts'
import type { Notification } from './notification.ts'
import { pause } from '../eventstore/pause.ts'
import { NEWS } from './reaction.ts'
import type { Recipients } from './recipients.ts'
import type { ChatAddress, Telegram } from './telegram.ts'
import type { Token } from './token.ts'
import { tell } from './words/tell.ts'

export interface SenderObserver extends DeliveryObserver {
  /** Messages that are on their way. */
  readonly waiting: (audience: Audience, count: number) => void
  /** A message does not get on. */
  readonly failed: (orderId: OrderId, fault: unknown) => void
  /** What is due can't be found at the moment. */
  readonly blind: (fault: unknown) => void
}

export interface SenderOptions {
  readonly db: Db
  readonly notifications: Writer<Notification, NotificationEvent>
  readonly telegram: Pick<Telegram, 'send'>
  readonly token: Token
  readonly line: Line
  readonly recipients: Recipients
  readonly priceOf: (orderId: OrderId) => Promise<Money>
  /** Milliseconds that a request may take. */
  readonly timeout: number
  readonly now: () => Date
  readonly newId: () => string
  readonly signal: AbortSignal
  readonly observer: SenderObserver
  /** Milliseconds between two looks. */
  readonly interval?: number
}

/** Messages of one look, and those that are on their way at a time. */
const MOST = 100
const AT_A_TIME = 16
/** A look goes as far beyond those whose chats have to wait, so that they are in nobody's way. */
const FARTHEST = 10_000
const BLIND: RetryPolicy = { tries: Infinity, firstDelay: 100, maxDelay: 5_000 }
/** Milliseconds for which what was taken on is not taken on again: the read model may not know yet. */
const REST = 10_000

/**
 * Sends what is due until the signal is aborted. All that it must not forget is in the log, so another one may go on
 * at any time; a message is sent by whoever has claimed it.
 */
export const sendNotifications = async (options: SenderOptions): Promise<void> => {
  const { db, notifications, token, line, recipients, priceOf, now, newId, signal, observer } = options
  const { interval = 300 } = options
  const resting = new LRUCache<string, true>({ max: 100_000, ttl: REST })
  /** One message for each chat, so that they arrive in order. */
  const inHand = new Map<ChatAddress, Promise<void>>()

  /** Takes a message on, if it is its turn; answers whether it has to wait. */
  const lookAfter = async (document: NotificationDocument): Promise<boolean> => {
    const { audience, delivery, notice, orderId, at } = document
    const id = idOf(document)
    const cause = begin(newId(), 'notifications')
    if (delivery?.status === 'CLAIMED') {
      const doubted = await notifications.transact(id, doubt(delivery.tries), { cause })
      if (isNews(doubted)) observer.unknown(audience, 'nobody has said what became of it')
      return false
    }
    const recipient = await recipients.of(document)
    if ('reason' in recipient || isOld(at)) {
      const reason = 'reason' in recipient ? recipient.reason : 'TOO_OLD'
      const givenUp = await notifications.transact(id, giveUp(reason), { cause })
      if (isNews(givenUp)) observer.notDelivered(audience, reason)
      return false
    }
    const { address } = recipient
    if (inHand.has(address) || inHand.size >= AT_A_TIME || line.wait(address) > 0) return true
    const price = await priceOf(orderId)
    const text = tell(recipient.language, { audience, notice, orderId, price, at })
    const work = deliver({ ...options, document, recipient, text, cause })
      .catch((fault: unknown) => observer.failed(orderId, fault))
      .finally(() => inHand.delete(address))
    inHand.set(address, work)
    return false
  }

  const isOld = (at: string): boolean => now().getTime() - Date.parse(at) >= NEWS

  const look = async (audience: Audience, limit: number): Promise<number> => {
    let passed = 0
    for (const document of await dueNotifications(db, audience, now(), limit)) {
      if (signal.aborted || token.isRefused()) break
      const once = `${document._id} ${document.delivery?.status} ${document.delivery?.tries}`
      if (resting.has(once)) passed++
      else
        try {
          if (await lookAfter(document)) passed++
          else resting.set(once, true)
        } catch (fault) {
          observer.failed(document.orderId, fault)
          resting.set(once, true)
        }
    }
    return passed
  }

  const passed = new Map<Audience, number>()
  let failures = 0
  while (!signal.aborted) {
    try {
      if (token.isRefused()) await token.accepted(signal)
      for (const audience of Audience.options) {
        passed.set(audience, await look(audience, Math.min(MOST + (passed.get(audience) ?? 0), FARTHEST)))
        observer.waiting(audience, await countWaiting(db, audience, FARTHEST))
      }
      failures = 0
      await pause(interval, signal)
    } catch (fault) {
      if (signal.aborted) break
      observer.blind(fault)
      await pause(backoff(++failures, BLIND), signal)
    }
  }
  await Promise.all(inHand.values())
}

const isNews = (outcome: Outcome<Notification, NotificationEvent, never>): boolean =>
  outcome.refused === undefined && outcome.events.length > 0
