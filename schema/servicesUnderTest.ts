import type { EventStoreDBClient } from '@eventstore/db-client'
import type { FastifyInstance } from 'fastify'
import type { Db } from 'mongodb'
import { runReaction } from '../eventstore/reaction.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import { writerOf } from '../eventstore/transact.ts'
import type { Writer } from '../eventstore/transact.ts'
import { cart } from '../orders/cart/cart.ts'
import { checkOuts } from '../orders/cart/checkOut.ts'
import type { OrderEvent } from '../orders/events.ts'
import type { Order } from '../orders/order.ts'
import { orderPump } from '../orders/pump.ts'
import { moveOrders, noteDeclines, settleOrders, settleRefunds } from '../orders/reactions.ts'
import { stockReservations } from '../orders/stock/reservations.ts'
import { stock } from '../orders/stock/stock.ts'
import { watchOrders } from '../orders/watchdog.ts'
import { closeCards } from '../payments/card/closeCards.ts'
import { keptEvents } from '../payments/card/kept.ts'
import { orderReader } from '../payments/card/order.ts'
import { orderNews } from '../payments/card/orderNews.ts'
import type { CardProcessor } from '../payments/card/processor.ts'
import { refundCard } from '../payments/card/refundCard.ts'
import { serveWebhook } from '../payments/card/webhook.ts'
import { chargeWallet } from '../payments/chargeWallet.ts'
import type { PaymentEvent, WalletEvent } from '../payments/events.ts'
import type { Payment } from '../payments/payment.ts'
import { chargeOrders, refundOrders } from '../payments/reactions.ts'
import { refundWallet } from '../payments/refundWallet.ts'
import { topUpService } from '../payments/topUp/service.ts'
import type { Wallet } from '../payments/wallet.ts'
import { dueOrders } from '../projections/dueOrders.ts'
import { dueTopUps } from '../projections/dueTopUps.ts'

export interface TestServices {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly http: FastifyInstance
  readonly now: () => Date
  readonly newId: () => string
  readonly signal: AbortSignal
  readonly orders: Writer<Order, OrderEvent>
  readonly wallets: Writer<Wallet, WalletEvent>
  readonly payments: Writer<Payment, PaymentEvent>
  readonly processor: CardProcessor
  /** With what the card processor signs; no webhook is served without it. */
  readonly webhookSecret: string | undefined
}

const nothing = () => undefined
const unobserved = {
  connected: nothing,
  handled: nothing,
  retried: nothing,
  parked: nothing,
  disconnected: nothing,
}

/** What the services `orders` and `payments` do, in this process. */
export const runServices = (options: TestServices): readonly Promise<void>[] => {
  const { client, db, http, now, newId, signal, orders, wallets, payments, processor } = options
  const writing = { client, now, newId }
  const react = <E>(reaction: Reaction<E>) => runReaction(reaction, { client, signal, observer: unobserved })

  const order = orderReader(client)
  const topUps = topUpService({ ...writing, wallets, processor, trouble: nothing, bounced: nothing })
  if (options.webhookSecret !== undefined)
    serveWebhook({
      http,
      secret: options.webhookSecret,
      kept: keptEvents(db, now),
      handlers: {
        order: orderNews({ payments, processor, order, bounced: nothing }),
        'top-up': topUps.news,
      },
      intent: (id) => processor.intent(id),
      count: nothing,
      now,
    })

  const pump = orderPump({ orders, stock: stockReservations({ client, stocks: writerOf(stock, writing) }) })
  const { takeOrdered } = checkOuts({ client, carts: writerOf(cart, writing) })
  const toWallet = refundWallet({ client, wallets })
  return [
    react(chargeOrders({ charge: chargeWallet({ client, wallets, now }), payments })),
    react(refundOrders({ toWallet, toCard: refundCard(processor), payments })),
    react(closeCards({ payments, processor, order })),
    react(topUps.settle),
    topUps.watch({
      due: (at, limit) => dueTopUps(db, at, limit),
      signal,
      observer: { looked: nothing, failed: nothing, blind: nothing },
    }),
    react(settleOrders(orders, pump)),
    react(settleRefunds(orders)),
    react(noteDeclines(orders)),
    react(moveOrders({ pump, takeOrdered })),
    watchOrders({
      orders,
      pump,
      due: (at, limit) => dueOrders(db, at, limit),
      now,
      newId,
      signal,
      observer: { looked: nothing, failed: nothing, blind: nothing },
    }),
  ]
}
