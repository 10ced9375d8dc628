import { RefundId } from '../domain/ids.ts'
import type { RefundFailure } from '../domain/payment.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import { derivedId } from '../eventstore/idempotency.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { follow } from '../eventstore/metadata.ts'
import { FOR_DAYS } from '../eventstore/reaction.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import type { Writer } from '../eventstore/transact.ts'
import { linesToReserve, orderEvents } from '../orders/events.ts'
import type { Verdict } from './chargeWallet.ts'
import type { OrderToPay } from './decidedOrders.ts'
import type { Refund } from './decidedRefunds.ts'
import type { PaymentEvent, RefundCause } from './events.ts'
import { giveBack, payment, settle } from './payment.ts'
import type { Payment } from './payment.ts'

const asking = { OrderPlaced: orderEvents.OrderPlaced, OrderReserved: orderEvents.OrderReserved }

export interface ChargeOrdersOptions {
  readonly charge: (order: OrderToPay, cause: Cause) => Promise<Verdict>
  readonly payments: Writer<Payment, PaymentEvent>
}

/**
 * An order's payment is due, as nothing had to be reserved or all is: its wallet is debited, and then the payment's
 * outcome is put on record. A card waits for its owner.
 */
export const chargeOrders = ({
  charge,
  payments,
}: ChargeOrdersOptions): Reaction<EventOf<typeof asking>> => ({
  group: 'payments-charge-orders',
  codec: codecOf(asking),
  handle: async (due) => {
    if (due.type === 'OrderPlaced' && linesToReserve(due.data.lines).length > 0) return
    const { orderId, customerId, price, paymentMethod: method } = due.data
    if (method !== 'WALLET') return
    const cause = follow(due, 'payments')
    const verdict = await charge(due.data, cause)
    await payments.transact(
      orderId,
      settle({ orderId, customerId, method, price, orderRevision: due.revision }, verdict),
      { cause, known: { state: payment.initial, revision: -1 } },
    )
  },
})

const returning = {
  RefundRequested: orderEvents.RefundRequested,
  OrderPaymentDeclined: orderEvents.OrderPaymentDeclined,
}
type Returning = EventOf<typeof returning>

/** What became of money that is to be given back; `PENDING`: it is on its way, and what becomes of it is told later. */
export type Returned =
  { readonly status: 'DONE' | 'PENDING' } | { readonly status: 'FAILED'; readonly failure: RefundFailure }

export interface RefundOrdersOptions {
  readonly toWallet: (refund: Refund, cause: Cause) => Promise<RefundFailure | undefined>
  readonly toCard: (intentId: string, refund: Refund, why: RefundCause) => Promise<Returned>
  readonly payments: Writer<Payment, PaymentEvent>
}

/** Money that an order gives back goes where it came from, and then what became of it is put on record. */
export const refundOrders = ({ toWallet, toCard, payments }: RefundOrdersOptions): Reaction<Returning> => {
  const give = async (
    refund: Refund,
    why: RefundCause,
    intentId: string | undefined,
    cause: Cause,
  ): Promise<Returned> => {
    if (intentId !== undefined) return toCard(intentId, refund, why)
    const failure = await toWallet(refund, cause)
    return failure ? { status: 'FAILED', failure } : { status: 'DONE' }
  }
  return {
    group: 'payments-refund-orders',
    redeliveries: FOR_DAYS,
    codec: codecOf(returning),
    handle: async (asked) => {
      const cause = follow(asked, 'payments')
      const wanted = refundFor(asked)
      const why: RefundCause = asked.type === 'RefundRequested' ? 'REQUESTED' : 'DECLINED'
      const { state } = await payments.transact(wanted.orderId, () => [], { cause })
      if (state.status !== 'SUCCEEDED')
        return impossible(`money of a payment that is ${state.status}, to be given back`)
      if (state.refunds.has(wanted.refundId)) return undefined
      const returned = await give(wanted, why, state.intentId, cause)
      if (returned.status === 'PENDING') return undefined
      const failure = returned.status === 'FAILED' ? returned.failure : undefined
      return payments.transact(wanted.orderId, giveBack(wanted, why, failure), { cause })
    },
  }
}

const refundFor = (asked: Recorded<Returning>): Refund => {
  const { orderId, customerId } = asked.data
  const refund = { orderId, customerId, requestedAt: asked.metadata.at }
  return asked.type === 'RefundRequested'
    ? { ...refund, refundId: asked.data.refundId, amount: asked.data.amount }
    : // An order declines money once.
      { ...refund, refundId: RefundId.parse(derivedId('declined', orderId)), amount: asked.data.price }
}
