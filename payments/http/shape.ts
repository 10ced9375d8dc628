import type { UserId } from '../../domain/ids.ts'
import { sentenceOf } from '../../domain/reason.ts'
import type { PaymentView } from '../../projections/documents.ts'
import { ACCOUNT } from './schemas.ts'
import type { Account, Payment } from './schemas.ts'

/** A wallet in the words of plain HTTP. */
export const accountAsJson = (
  id: UserId,
  { amount, currency }: { readonly amount: number; readonly currency: string },
): Account => ({ id, balance: amount, currency, links: ACCOUNT.links })

export const pathOfPayment = (id: string): string => `/payments/${id}`

/** A payment in the words of plain HTTP. */
export const paymentAsJson = ({ _id: id, price, failure, refunded, ...payment }: PaymentView): Payment => ({
  id,
  order_id: id,
  customer_id: payment.customerId,
  status: payment.status,
  method: payment.method,
  ...price,
  ...(failure && {
    failure: {
      reason: failure.reason,
      message: sentenceOf(failure),
      ...(failure.reason === 'INSUFFICIENT_FUNDS' && { short_by: failure.shortBy }),
    },
  }),
  ...(refunded && { refunded_amount: refunded.amount }),
  history: payment.history,
  links: { self: pathOfPayment(id) },
})
