import type { OrderId, UserId } from '../domain/ids.ts'
import type { OrderFailure } from '../domain/payment.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Recorded } from '../eventstore/codec.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { orderEvents } from '../orders/events.ts'
import type { OrderEvent } from '../orders/events.ts'
import { walletEvents, walletMovements } from '../payments/events.ts'
import type { OrderDocument, OrderStatus } from '../projections/documents.ts'
import { statusAfter } from '../projections/orders.ts'

const balanceEvents = { WalletOpened: walletEvents.WalletOpened, ...walletMovements }
export type BalanceEvent = EventOf<typeof balanceEvents>

/** Every event that somebody may watch live. */
export const liveCodec = codecOf({ ...orderEvents, ...balanceEvents })

export const isOfWallet = (event: Recorded<LiveEvent>): event is Recorded<BalanceEvent> =>
  event.type in balanceEvents
export type LiveEvent = OrderEvent | BalanceEvent

/** A status that an order has reached. */
export interface OrderUpdate {
  readonly orderId: OrderId
  readonly status: OrderStatus
  readonly failure?: OrderFailure | undefined
  readonly revision: number
  readonly at: string
  readonly position: bigint | number
}

/** A wallet's balance after an event; the event of its opening tells the currency. */
export interface BalanceUpdate {
  readonly ownerId: UserId
  readonly amount: number
  readonly currency?: string | undefined
  readonly revision: number
  readonly position: bigint
}

/** Undefined for an event that leaves its order's status as it was. */
export const orderUpdateOf = (event: Recorded<OrderEvent>): OrderUpdate | undefined => {
  const status = statusAfter(event)
  return (
    status && {
      orderId: event.data.orderId,
      status,
      failure: event.type === 'OrderFailed' ? event.data.failure : undefined,
      revision: event.revision,
      at: event.metadata.at,
      position: event.position,
    }
  )
}

export const balanceUpdateOf = ({ type, data, revision, position }: Recorded<BalanceEvent>): BalanceUpdate =>
  type === 'WalletOpened'
    ? { ownerId: data.ownerId, amount: 0, currency: data.currency, revision, position }
    : { ownerId: data.ownerId, amount: data.balance, revision, position }

/** Every status that an order has been through, as its document tells. */
export const updatesIn = ({ _id: orderId, history, failure }: OrderDocument): readonly OrderUpdate[] =>
  history.map((step) => ({ orderId, ...step, failure: step.status === 'FAILED' ? failure : undefined }))

/** True for a status that never changes again; what is paid may be refunded. */
export const isFinal = ({ status }: Pick<OrderUpdate, 'status'>): boolean =>
  status === 'FAILED' || status === 'CANCELLED' || status === 'REFUNDED'
