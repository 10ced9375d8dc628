import { z } from 'zod'
import { PaymentMethod } from '../../domain/payment.ts'
import { PaymentStatus } from '../../projections/documents.ts'
import {
  Amount,
  AmountInput,
  Currency,
  Link,
  MoneyField,
  OrderIdField,
  ShownOrderId,
  ShownUserId,
  Time,
} from '../../service/rest/schemas.ts'

/** An account: a wallet, in this currency if none is named. */
export const newAccountIn = (currency: string) =>
  z
    .strictObject({ currency: Currency.default(currency) })
    .meta({ id: 'NewAccount', description: 'Which account to open.', example: { currency: 'EUR' } })
    .nullish()
    .transform((body) => body ?? { currency })

/** A deposit, in this currency if none is named. */
export const newDepositIn = (currency: string) =>
  z.strictObject({ amount: AmountInput, currency: Currency.default(currency) }).meta({
    id: 'NewDeposit',
    description: 'What to put into the account.',
    example: { amount: 5000, currency: 'EUR' },
  })

/** A wallet as plain HTTP shows it. */
export const Account = z
  .object({
    id: ShownUserId.meta({ description: 'Whose it is: each person has one account.' }),
    balance: Amount,
    currency: Currency,
    links: z.object({ self: Link, deposit: Link }),
  })
  .meta({ id: 'Account', description: 'What somebody can pay from.' })
export type Account = z.input<typeof Account>

const Failure = z
  .object({
    reason: z.string().meta({ example: 'INSUFFICIENT_FUNDS' }),
    message: z.string(),
    short_by: MoneyField.optional().meta({ description: 'What was missing, where money was short.' }),
  })
  .meta({ id: 'PaymentFailure', description: 'Why the payment did not come about.' })

const Status = PaymentStatus.meta({ id: 'PaymentStatus', example: 'SUCCEEDED' })

/** A payment as plain HTTP shows it. */
export const Payment = z
  .object({
    id: ShownOrderId.meta({ description: 'That of its order: an order has one payment.' }),
    order_id: ShownOrderId,
    customer_id: ShownUserId,
    status: Status,
    method: PaymentMethod.meta({ id: 'PaymentMethod', description: 'From a wallet, or by card.' }),
    amount: Amount,
    currency: Currency,
    failure: Failure.optional(),
    refunded_amount: Amount.optional().meta({ description: 'What was given back so far, if anything.' }),
    history: z.array(
      z.object({ status: Status, cause: z.string().meta({ description: 'In words.' }), at: Time }),
    ),
    links: z.object({ self: Link }),
  })
  .meta({ id: 'Payment', description: 'How the paying of an order goes.' })
export type Payment = z.input<typeof Payment>

export const NewCardPayment = z.strictObject({ order_id: OrderIdField }).meta({
  id: 'NewCardPayment',
  description: 'Which order to pay by card.',
  example: { order_id: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28' },
})

/** A payment that a card can make. */
export const CardPayment = z
  .object({
    payment_id: ShownOrderId.meta({ description: 'That of its order: an order has one payment.' }),
    client_secret: z.string().meta({ description: 'For the processor’s library in the customer’s browser.' }),
    links: z.object({ payment: Link }),
  })
  .meta({ id: 'CardPayment', description: 'A payment that a card can make.' })

export const CARD_PAYMENT: z.input<typeof CardPayment> = {
  payment_id: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28',
  client_secret: 'pi_3Px_secret_k2',
  links: { payment: '/payments/4c3f19c9-aae8-5bfb-b08f-3040a6339c28' },
}

export const ACCOUNT: Account = {
  id: '7a1f4c9e-2b3d-4e5f-8a6b-9c0d1e2f3a4b',
  balance: 5000,
  currency: 'EUR',
  links: { self: '/accounts/balance', deposit: '/accounts/deposit' },
}

export const PAYMENT: Payment = {
  id: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28',
  order_id: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28',
  customer_id: '7a1f4c9e-2b3d-4e5f-8a6b-9c0d1e2f3a4b',
  status: 'SUCCEEDED',
  method: 'WALLET',
  amount: 1999,
  currency: 'EUR',
  history: [
    { status: 'PENDING', cause: 'order placed', at: '2026-11-21T05:16:22.691Z' },
    { status: 'SUCCEEDED', cause: 'wallet debited', at: '2026-11-21T05:16:22.774Z' },
  ],
  links: { self: '/payments/4c3f19c9-aae8-5bfb-b08f-3040a6339c28' },
}
