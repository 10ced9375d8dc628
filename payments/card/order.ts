import type { EventStoreDBClient } from '@eventstore/db-client'
import type { OrderId, UserId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import type { OrderFailure, PaymentMethod } from '../../domain/payment.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { impossible } from '../../eventstore/decision.ts'
import { isPassing } from '../../eventstore/faults.ts'
import { foldFrom } from '../../eventstore/read.ts'
import { retrying } from '../../eventstore/retry.ts'
import type { RetryPolicy } from '../../eventstore/retry.ts'
import { streamOf } from '../../eventstore/stream.ts'
import type { Aggregate } from '../../eventstore/stream.ts'
import { linesToReserve, orderEvents } from '../../orders/events.ts'
import type { OrderEvent } from '../../orders/events.ts'

/** What payments have to know of an order, from its published events. */
export interface KnownOrder {
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly price: Money
  readonly method: PaymentMethod
  readonly payBy: string
  readonly status: 'NEW' | 'DUE' | 'PAID' | 'OVER'
  /** The revision that made its payment due. */
  readonly dueRevision: number
  /** Why it is over, if it has failed. */
  readonly failure: OrderFailure | undefined
}

interface Folding {
  readonly revision: number
  readonly order: KnownOrder | undefined
}

const evolve = ({ revision: last, order }: Folding, event: OrderEvent): Folding => {
  const revision = last + 1
  return { revision, order: after(order, event, revision) }
}

const after = (order: KnownOrder | undefined, { type, data }: OrderEvent, revision: number): KnownOrder => {
  if (type === 'OrderPlaced') {
    const { orderId, customerId, price, paymentMethod: method, payBy, lines } = data
    const status = linesToReserve(lines).length > 0 ? 'NEW' : 'DUE'
    return { orderId, customerId, price, method, payBy, status, dueRevision: revision, failure: undefined }
  }
  if (!order) return impossible(`${type} before the order was placed`)
  switch (type) {
    case 'OrderReserved':
      return { ...order, status: 'DUE', dueRevision: revision }
    case 'OrderPaid':
      return { ...order, status: 'PAID' }
    case 'OrderFailed':
      return { ...order, status: 'OVER', failure: data.failure }
    case 'OrderCancelled':
      return { ...order, status: 'OVER' }
    default:
      return order
  }
}

/** The same streams as the orders service writes, as their published events fold here. */
const orders: Aggregate<Folding, OrderEvent> = {
  category: 'order',
  codec: codecOf(orderEvents),
  initial: { revision: -1, order: undefined },
  evolve,
}

const FAULTS: RetryPolicy = { tries: 4, firstDelay: 50, maxDelay: 500 }

/** Finds an order as it is now; undefined if nobody placed it. */
export const orderReader =
  (client: EventStoreDBClient) =>
  async (orderId: OrderId): Promise<KnownOrder | undefined> => {
    const nothing = { state: orders.initial, revision: -1, position: 0n }
    const read = () => foldFrom(client, streamOf(orders, orderId), nothing)
    return (await retrying(FAULTS, isPassing, read)).state.order
  }
export type OrderReader = ReturnType<typeof orderReader>
