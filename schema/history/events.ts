import type { EventStoreDBClient } from '@eventstore/db-client'
import type { OrderId } from '../../domain/ids.ts'
import type { Recorded } from '../../eventstore/codec.ts'
import { allWithin } from '../../eventstore/deadline.ts'
import { READ_DEADLINE, readAfter, readForwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import type { StreamOf } from '../../eventstore/stream.ts'
import type { OrderEvent } from '../../orders/events.ts'
import { order } from '../../orders/order.ts'
import { payment } from '../../payments/payment.ts'
import { wallet } from '../../payments/wallet.ts'
import { verdicts } from './words.ts'
import type { Happening, Verdict } from './words.ts'

export type Placed = Recorded<Extract<OrderEvent, { type: 'OrderPlaced' }>>

/** An order's own events, its placing first; none if there is no such order. */
export const orderEventsOf = (
  client: EventStoreDBClient,
  id: OrderId,
): Promise<readonly Recorded<OrderEvent>[]> => all(client, streamOf(order, id))

/**
 * What happened to an order beside its own events, of whose stream those were read before. Effects are read
 * before their causes, so that whatever is seen to have happened is seen with what it came from.
 */
export const happeningsBeside = async (
  client: EventStoreDBClient,
  placed: Placed,
): Promise<readonly Recorded<Happening>[]> => {
  const payments = await all(client, streamOf(payment, placed.data.orderId))
  const verdict = await verdictOn(client, placed, payments[0]?.position)
  return verdict ? [verdict, ...payments] : payments
}

/**
 * What the customer's wallet said: after the order was placed, and before the payment ended. A busy wallet's
 * stream is long, so only that part of it is read.
 */
const verdictOn = async (
  client: EventStoreDBClient,
  { data: { orderId, customerId, paymentMethod }, position }: Placed,
  until: bigint | undefined,
): Promise<Recorded<Verdict> | undefined> => {
  switch (paymentMethod) {
    case 'WALLET': {
      const stream = streamOf(wallet, customerId)
      const events = readAfter(client, stream, position)
      for await (const event of allWithin(READ_DEADLINE, `the verdict in ${stream.name}`, events)) {
        if (until !== undefined && event.position > until) return undefined
        if (isVerdict(event) && event.data.orderId === orderId) return event
      }
      return undefined
    }
    case 'CARD':
      return undefined
    default:
      return paymentMethod satisfies never
  }
}

const isVerdict = <E extends { readonly type: string }>(event: Recorded<E>): event is Recorded<E & Verdict> =>
  event.type in verdicts

const all = async <State, Event>(client: EventStoreDBClient, stream: StreamOf<State, Event>) => {
  const events: Recorded<Event>[] = []
  for await (const event of allWithin(READ_DEADLINE, stream.name, readForwards(client, stream, 0)))
    events.push(event)
  return events
}
