import type { OrderId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentFailure } from '../domain/payment.ts'
import { noVerdicts, recordVerdict, verdictOn } from '../eventstore/verdicts.ts'
import type { Knowledge, Matter, Searched, Verdicts } from '../eventstore/verdicts.ts'

/** What a wallet needs to know of an order that asks to be paid. */
export interface OrderToPay {
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly price: Money
  readonly placedAt: string
  readonly payBy: string
}

/** What a wallet decided about an order. */
export interface Charge {
  /** Undefined: debited. */
  readonly failure: PaymentFailure | undefined
}

/** The orders that a wallet has debited or refused. */
export type DecidedOrders = Verdicts<Charge>

/** Orders that a wallet knows again: at least this many, at most twice as many. */
export const REMEMBERED_ORDERS = 5_000

export const nothingDecided: DecidedOrders = noVerdicts()

type Placed = Pick<OrderToPay, 'orderId' | 'placedAt'>

const matterOf = ({ orderId, placedAt }: Placed): Matter => ({ id: orderId, at: placedAt })

export const record = (
  orders: DecidedOrders,
  order: Placed,
  failure: PaymentFailure | undefined,
): DecidedOrders => recordVerdict(orders, matterOf(order), { failure }, REMEMBERED_ORDERS)

/** What was decided about an order. */
export const decidedOn = (
  orders: DecidedOrders,
  order: Placed,
  searched?: Searched<Charge>,
): Knowledge<Charge> => verdictOn(orders, matterOf(order), searched)
