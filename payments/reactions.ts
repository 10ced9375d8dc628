import { codecOf } from '../eventstore/codec.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { follow } from '../eventstore/metadata.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import type { Writer } from '../eventstore/transact.ts'
import { orderEvents } from '../orders/events.ts'
import type { Verdict } from './chargeWallet.ts'
import type { OrderToPay } from './decidedOrders.ts'
import type { PaymentEvent } from './events.ts'
import { payment, settle } from './payment.ts'
import type { Payment } from './payment.ts'

const asking = { OrderPlaced: orderEvents.OrderPlaced }

export interface ChargeOrdersOptions {
  readonly charge: (order: OrderToPay, cause: Cause) => Promise<Verdict>
  readonly payments: Writer<Payment, PaymentEvent>
}

/** An order is placed: its wallet is debited, and then the payment's outcome is put on record. */
export const chargeOrders = ({
  charge,
  payments,
}: ChargeOrdersOptions): Reaction<EventOf<typeof asking>> => ({
  group: 'payments-charge-orders',
  codec: codecOf(asking),
  handle: async (placed) => {
    const { orderId, customerId, price, paymentMethod: method } = placed.data
    const cause = follow(placed, 'payments')
    const verdict = await charge(placed.data, cause)
    await payments.transact(
      orderId,
      settle({ orderId, customerId, method, price, orderRevision: placed.revision }, verdict),
      { cause, known: { state: payment.initial, revision: -1 } },
    )
  },
})
