import type { EventOf } from '../../eventstore/catalogue.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { impossible } from '../../eventstore/decision.ts'
import { follow } from '../../eventstore/metadata.ts'
import { FOR_DAYS } from '../../eventstore/reaction.ts'
import type { Reaction } from '../../eventstore/reaction.ts'
import type { Writer } from '../../eventstore/transact.ts'
import { orderEvents } from '../../orders/events.ts'
import type { PaymentEvent } from '../events.ts'
import type { Payment } from '../payment.ts'
import { chargeOf } from './charge.ts'
import { closeUnstarted, takeCardMoney } from './decisions.ts'
import { letGo } from './letGo.ts'
import type { OrderReader } from './order.ts'
import type { CardProcessor } from './processor.ts'

const endings = { OrderFailed: orderEvents.OrderFailed, OrderCancelled: orderEvents.OrderCancelled }

export interface CloseCardsOptions {
  readonly payments: Writer<Payment, PaymentEvent>
  readonly processor: Pick<CardProcessor, 'cancelIntent'>
  readonly order: OrderReader
}

/**
 * An order of a card has ended unpaid: nobody may pay it any more. If a card has paid it at the last moment, that is put
 * on record, and the order declines the money.
 */
export const closeCards = ({
  payments,
  processor,
  order: orderOf,
}: CloseCardsOptions): Reaction<EventOf<typeof endings>> => ({
  group: 'payments-close-cards',
  redeliveries: FOR_DAYS,
  codec: codecOf(endings),
  handle: async ({ data, ...ended }) => {
    if (!data.byCard) return
    const { orderId } = data
    const cause = follow(ended, 'payments')
    const { state } = await payments.transact(orderId, closeUnstarted(data), { cause })
    if (state.status !== 'PENDING' || !state.card) return
    const order = (await orderOf(orderId)) ?? impossible(`order ${orderId} has ended, and was never placed`)
    const intent = await processor.cancelIntent(state.card.intentId)
    if (intent.status === 'succeeded')
      await payments.transact(orderId, takeCardMoney(chargeOf(order, intent)), { cause })
    if (intent.status === 'canceled') await payments.transact(orderId, letGo(order, intent), { cause })
    // Whatever else it is, a card is being charged: the processor tells what comes of it.
  },
})
