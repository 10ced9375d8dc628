import { z } from 'zod'
import { Money } from '../domain/money.ts'
import { OrderFailure } from '../domain/payment.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { orderEvents } from '../orders/events.ts'

const { OrderPlaced, OrderPaid, OrderFailed, OrderCancelled, OrderRefunded } = orderEvents

/** What a customer is told of. */
export const toldToCustomers = { OrderPaid, OrderFailed, OrderCancelled, OrderRefunded }

/** What the shop is told of. */
export const toldToShop = { OrderPlaced, ...toldToCustomers }

/** What is told of an order, beside what the order itself says. */
export const Notice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('PLACED') }),
  z.object({ kind: z.literal('PAID') }),
  z.object({ kind: z.literal('FAILED'), failure: OrderFailure }),
  z.object({ kind: z.literal('CANCELLED'), by: OrderCancelled.schema.shape.by }),
  /** `refunded` is all that was given back so far. */
  z.object({ kind: z.literal('REFUNDED'), amount: Money, refunded: Money, isFull: z.boolean() }),
])
export type Notice = z.infer<typeof Notice>

export const noticeOf = ({ type, data }: EventOf<typeof toldToShop>): Notice => {
  switch (type) {
    case 'OrderPlaced':
      return { kind: 'PLACED' }
    case 'OrderPaid':
      return { kind: 'PAID' }
    case 'OrderFailed':
      return { kind: 'FAILED', failure: data.failure }
    case 'OrderCancelled':
      return { kind: 'CANCELLED', by: data.by }
    case 'OrderRefunded':
      return { kind: 'REFUNDED', amount: data.amount, refunded: data.refunded, isFull: data.isFull }
    default:
      return type satisfies never
  }
}
