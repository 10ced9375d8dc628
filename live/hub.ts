import type { OrderId, UserId } from '../domain/ids.ts'
import { isUnreadable } from '../eventstore/catchUp.ts'
import type { Batch } from '../eventstore/catchUp.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { unavailable } from '../service/errors.ts'
import { topic } from '../service/topic.ts'
import type { Leave, Sink } from '../service/topic.ts'
import { balanceUpdateOf, isOfWallet, orderUpdateOf } from './updates.ts'
import type { BalanceUpdate, LiveEvent, OrderUpdate } from './updates.ts'

/** Where a process's subscribers meet the log: one feed in, many sinks out. */
export interface Hub {
  /** Position of the last event that sinks were served with: all that is newer will come. Throws `Unavailable` before the feed began. */
  position(): bigint
  watchOrder(id: OrderId, sink: Sink<OrderUpdate>): Leave
  watchOrdersOf(customer: UserId, sink: Sink<OrderUpdate>): Leave
  watchWalletOf(owner: UserId, sink: Sink<BalanceUpdate>): Leave
  /** How many sinks there are. */
  watchers(): number
  /** The feed begins after this position. */
  begin(position: bigint): void
  dispatch(batch: Batch<LiveEvent>): void
  /** Ends every subscriber: they have to come again. */
  fail(why: string): void
}

export const createHub = (): Hub => {
  const orders = topic<OrderUpdate>()
  const customers = topic<OrderUpdate>()
  const wallets = topic<BalanceUpdate>()
  let served: bigint | undefined

  // Nearly all events are of orders and wallets that nobody watches: for those, nothing but the look-up.
  const deliver = (event: Recorded<LiveEvent>) => {
    if ('ownerId' in event.data) {
      const watching = wallets.of(event.data.ownerId)
      if (watching && isOfWallet(event)) wallets.push(watching, balanceUpdateOf(event))
      return
    }
    const ofOrder = orders.of(event.data.orderId)
    const ofCustomer = customers.of(event.data.customerId)
    if ((!ofOrder && !ofCustomer) || isOfWallet(event)) return
    const update = orderUpdateOf(event)
    if (!update) return
    if (ofOrder) orders.push(ofOrder, update)
    if (ofCustomer) customers.push(ofCustomer, update)
  }

  const fail = (why: string) => {
    const error = unavailable(why)
    for (const each of [orders, customers, wallets]) each.fail(error)
  }

  return {
    position: () => {
      if (served === undefined) throw new Unavailable('live updates have not begun yet')
      return served
    },
    watchOrder: orders.add,
    watchOrdersOf: customers.add,
    watchWalletOf: wallets.add,
    watchers: () => orders.size() + customers.size() + wallets.size(),
    begin: (position) => (served = position),
    dispatch: ({ events, position }) => {
      for (const event of events) {
        if (isUnreadable(event)) fail('Live updates were interrupted; subscribe again.')
        else deliver(event)
      }
      // Whoever waits until the read models are as new must not wait for a place in the log without events of
      // ours: each reader hears of such places when it happens to, and at the end of a quiet log not at all.
      if (events.length > 0) served = position
    },
    fail,
  }
}
