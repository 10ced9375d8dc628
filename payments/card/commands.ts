import type { OrderId, UserId } from '../../domain/ids.ts'
import type { RefusedAnswer } from '../../eventstore/decision.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { PaymentEvent } from '../events.ts'
import type { Payment } from '../payment.ts'
import { chargeFor } from './charge.ts'
import { startCard } from './decisions.ts'
import type { Intent } from './intent.ts'
import { ofOrder } from './metadata.ts'
import type { KnownOrder, OrderReader } from './order.ts'
import type { CardProcessor } from './processor.ts'
import { CardRefused } from './refused.ts'

export type CardPaymentRefusal =
  /** There is none, or it is somebody else's. */
  | { readonly code: 'NO_ORDER' }
  /** It is paid in another way. */
  | { readonly code: 'NOT_BY_CARD' }
  /** What it needs is being reserved: a moment later it can be paid. */
  | { readonly code: 'NOT_RESERVED' }
  | { readonly code: 'ALREADY_PAID' }
  /** It has failed, was cancelled, or can't be paid by card any more. */
  | { readonly code: 'ORDER_OVER' }
  | { readonly code: 'DEADLINE_PASSED' }
  /** The processor takes no such currency, or no such amount of it. */
  | { readonly code: 'NOT_CHARGEABLE'; readonly because: 'CURRENCY' | 'AMOUNT' }

/** A payment that the customer's browser can make; `position` is where in the log that stands. */
export interface CardPayment {
  readonly refused?: never
  /** The order's id: an order has one payment. */
  readonly paymentId: OrderId
  /** With it, a card pays; whoever has it can do nothing else. */
  readonly clientSecret: string
  readonly position: bigint
}

export interface CardCommandOptions {
  readonly payments: Writer<Payment, PaymentEvent>
  readonly processor: Pick<CardProcessor, 'createIntent' | 'intent' | 'cancelIntent'>
  readonly order: OrderReader
  readonly now: () => Date
}

/** What people can do to pay by card. */
export const cardCommands = ({ payments, processor, order: orderOf, now }: CardCommandOptions) => {
  const create = async (order: KnownOrder): Promise<Intent | CardPaymentRefusal> => {
    const { orderId, customerId, price: amount } = order
    try {
      const metadata = ofOrder(orderId, customerId)
      return await processor.createIntent({ amount, metadata, idempotencyKey: orderId })
    } catch (fault) {
      if (!(fault instanceof CardRefused)) throw fault
      const because = becauseOf(fault)
      if (!because) throw fault
      return { code: 'NOT_CHARGEABLE', because }
    }
  }

  const start = async (
    order: KnownOrder,
    cause: Cause,
  ): Promise<CardPayment | RefusedAnswer<CardPaymentRefusal>> => {
    const { orderId } = order
    const before = await payments.transact(orderId, () => [], { cause })
    const begun = idIn(before.state)
    if ('refused' in begun) return { refused: begun.refused, position: before.position }
    if (begun.intentId !== undefined)
      return answerOf(orderId, await processor.intent(begun.intentId), before.position)

    const created = await create(order)
    if ('code' in created) return { refused: created, position: before.position }
    const charge = chargeFor(order, created.id)
    const { state, position } = await payments.transact(orderId, startCard(charge), { cause })
    const started = idIn(state)
    if (!('refused' in started) && started.intentId === created.id)
      return answerOf(orderId, created, position)
    // The order has ended meanwhile, or is paid, or another intent was first: this one is for nobody.
    if (!(state.status === 'SUCCEEDED' && state.intentId === created.id))
      await processor.cancelIntent(created.id)
    if ('refused' in started) return { refused: started.refused, position }
    return answerOf(orderId, await processor.intent(started.intentId ?? created.id), position)
  }

  return {
    /**
     * Lets the owner of an order pay it by card: the same payment, however often it is asked for. A crash between the
     * processor's answer and ours is made good by the next request, as the order's id is the key.
     */
    createCardPayment: async (
      { orderId, isAllowed }: { orderId: OrderId; isAllowed: (customer: UserId) => boolean },
      cause: Cause,
    ): Promise<CardPayment | RefusedAnswer<CardPaymentRefusal>> => {
      const order = await orderOf(orderId)
      if (!order || !isAllowed(order.customerId)) return { refused: { code: 'NO_ORDER' }, position: 0n }
      const obstacle = obstacleTo(order, now())
      return obstacle ? { refused: obstacle, position: 0n } : start(order, cause)
    },
  }
}
export type CardCommands = ReturnType<typeof cardCommands>

const obstacleTo = (order: KnownOrder, now: Date): CardPaymentRefusal | undefined => {
  if (order.method !== 'CARD') return { code: 'NOT_BY_CARD' }
  switch (order.status) {
    case 'NEW':
      return { code: 'NOT_RESERVED' }
    case 'PAID':
      return { code: 'ALREADY_PAID' }
    case 'OVER':
      return { code: 'ORDER_OVER' }
    case 'DUE':
      return now > new Date(order.payBy) ? { code: 'DEADLINE_PASSED' } : undefined
    default:
      return order.status satisfies never
  }
}

/** The intent that a card may pay, if one was begun; refused if none may be any more. */
const idIn = (
  payment: Payment,
): { readonly intentId: string | undefined } | { readonly refused: CardPaymentRefusal } => {
  switch (payment.status) {
    case 'PENDING':
      return { intentId: payment.card?.intentId }
    case 'SUCCEEDED':
      return { refused: { code: 'ALREADY_PAID' } }
    case 'FAILED':
    case 'CANCELLED':
      return { refused: { code: 'ORDER_OVER' } }
    default:
      return payment satisfies never
  }
}

/** Undefined: it is no matter of what the customer wants to pay. */
const becauseOf = ({ code, param }: CardRefused): 'CURRENCY' | 'AMOUNT' | undefined => {
  if (param === 'currency' || code === 'currency_not_supported') return 'CURRENCY'
  return param === 'amount' || code.startsWith('amount_') ? 'AMOUNT' : undefined
}

const answerOf = (paymentId: OrderId, { clientSecret, id }: Intent, position: bigint): CardPayment => {
  if (clientSecret === undefined) throw new Error(`the card processor keeps the secret of ${id} to itself`)
  return { paymentId, clientSecret, position }
}
