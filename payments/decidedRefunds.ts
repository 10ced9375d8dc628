import type { OrderId, RefundId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { RefundFailure } from '../domain/payment.ts'
import { noVerdicts, recordVerdict, verdictOn } from '../eventstore/verdicts.ts'
import type { Knowledge, Matter, Searched, Verdicts } from '../eventstore/verdicts.ts'

/** Money of an order that is to be given back to its customer's wallet. */
export interface Refund {
  readonly refundId: RefundId
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly amount: Money
  readonly requestedAt: string
}

/** What a wallet decided about a refund. */
export interface Return {
  /** Undefined: it is back. */
  readonly failure: RefundFailure | undefined
}

/** The refunds that a wallet has taken or refused. */
export type DecidedRefunds = Verdicts<Return>

/** Refunds that a wallet knows again: at least this many, at most twice as many. */
const REMEMBERED_REFUNDS = 1_000

export const noRefunds: DecidedRefunds = noVerdicts()

type Asked = Pick<Refund, 'refundId' | 'requestedAt'>

const matterOf = ({ refundId, requestedAt }: Asked): Matter => ({ id: refundId, at: requestedAt })

export const recordReturn = (
  refunds: DecidedRefunds,
  refund: Asked,
  failure: RefundFailure | undefined,
): DecidedRefunds => recordVerdict(refunds, matterOf(refund), { failure }, REMEMBERED_REFUNDS)

/** What was decided about a refund. */
export const returnOf = (
  refunds: DecidedRefunds,
  refund: Asked,
  searched?: Searched<Return>,
): Knowledge<Return> => verdictOn(refunds, matterOf(refund), searched)
