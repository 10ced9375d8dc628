import { z } from 'zod'
import { PaymentMethod } from '../../domain/payment.ts'
import { OrderStatus } from '../../projections/documents.ts'
import {
  Amount,
  AmountInput,
  Currency,
  Link,
  MoneyField,
  ShownOrderId,
  ShownUserId,
  Time,
  UserIdField,
} from '../../service/rest/schemas.ts'

const Method = PaymentMethod.meta({
  id: 'PaymentMethod',
  description: '`WALLET` is charged by itself; `CARD` waits for the card.',
})

export const Status = OrderStatus.meta({
  id: 'OrderStatus',
  description: 'How far the order is.',
  example: 'PAID',
})

/** 1–500 characters (as UTF-16 counts them), not only blanks. */
const Description = z
  .string()
  .min(1)
  .max(500)
  .regex(/\S/, 'must not be blank')
  .meta({ description: 'What it is for, in the customer’s words.', example: 'a book' })

const Line = z.strictObject({
  sku: z.string().meta({ description: 'A product.', example: 'teapot-blue-1l' }),
  quantity: z.int().meta({ description: 'Pieces of it: 1 to 1,000.', example: 2 }),
})

/** What may be ordered: a plain amount, in this currency if none is named, or pieces of products. */
export const newOrderIn = (currency: string) =>
  z
    .union([
      z
        .strictObject({
          amount: AmountInput,
          currency: Currency.default(currency),
          description: Description,
          payment_method: Method.default('WALLET'),
        })
        .meta({
          id: 'NewAmountOrder',
          description: 'An order of a plain amount.',
          example: { amount: 1999, currency: 'EUR', description: 'a book' },
        }),
      z
        .strictObject({
          lines: z
            .array(Line)
            .meta({ description: 'At most 50 different products; their prices are the catalogue’s.' }),
          payment_method: Method.default('WALLET'),
        })
        .meta({
          id: 'NewProductOrder',
          description: 'An order of products.',
          example: { lines: [{ sku: 'teapot-blue-1l', quantity: 2 }] },
        }),
    ])
    .meta({ id: 'NewOrder' })

const Failure = z
  .object({
    reason: z.string().meta({ example: 'INSUFFICIENT_FUNDS' }),
    message: z.string(),
    short_by: MoneyField.optional().meta({ description: 'What was missing, where money was short.' }),
    missing: z
      .array(z.object({ sku: z.string(), wanted: z.int(), available: z.int() }))
      .optional()
      .meta({ description: 'What was missing, where stock was short.' }),
  })
  .meta({ id: 'OrderFailure', description: 'Why the order failed.' })

/** An order as plain HTTP shows it. */
export const Order = z
  .object({
    id: ShownOrderId,
    customer_id: ShownUserId,
    status: Status,
    amount: Amount,
    currency: Currency,
    description: z.string().optional(),
    lines: z.array(
      z.object({
        sku: z.string(),
        name: z.string(),
        quantity: z.int(),
        unit_amount: Amount,
        amount: Amount,
      }),
    ),
    payment_method: Method,
    failure: Failure.optional(),
    refunded_amount: Amount.optional().meta({ description: 'What was given back so far, if anything.' }),
    placed_at: Time,
    pay_by: Time.meta({ description: 'What is not paid by then is cancelled.' }),
    links: z.object({ self: Link, cancel: Link, live: Link }),
  })
  .meta({ id: 'Order', description: 'An order.' })
export type Order = z.input<typeof Order>

export const OrderPage = z
  .object({
    items: z.array(Order),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `cursor` to get the next page; null on the last.' }),
  })
  .meta({ id: 'OrderPage', description: 'Orders, newest first.' })

/** What may be asked of the list. */
export const OrderQuery = z.strictObject({
  status: Status.optional().meta({ description: 'Orders in this status only.' }),
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'Orders of a page.' }),
  cursor: z.string().max(96).optional().meta({ description: '`next_cursor` of the page before.' }),
  customer_id: UserIdField.optional().meta({ description: 'For admins: whose orders.' }),
})

export const WATCHED = ['pending', 'paid', 'failed', 'cancelled', 'refunded'] as const

/** A message of the WebSocket. */
export const StatusMessage = z
  .object({ order_id: ShownOrderId, status: z.enum(WATCHED) })
  .meta({ id: 'StatusMessage', description: 'A status that the order has reached.' })
export type StatusMessage = z.input<typeof StatusMessage>

export const ORDER: Order = {
  id: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28',
  customer_id: '7a1f4c9e-2b3d-4e5f-8a6b-9c0d1e2f3a4b',
  status: 'AWAITING_PAYMENT',
  amount: 1999,
  currency: 'EUR',
  description: 'a book',
  lines: [],
  payment_method: 'WALLET',
  placed_at: '2026-11-21T05:16:22.691Z',
  pay_by: '2026-11-21T05:26:22.691Z',
  links: {
    self: '/orders/4c3f19c9-aae8-5bfb-b08f-3040a6339c28',
    cancel: '/orders/4c3f19c9-aae8-5bfb-b08f-3040a6339c28/cancel',
    live: '/orders/4c3f19c9-aae8-5bfb-b08f-3040a6339c28/ws',
  },
}
