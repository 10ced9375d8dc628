import { z } from 'zod'
import { Balance, CurrencyCode } from '../../domain/money.ts'
import { ProcessorCode } from '../../domain/payment.ts'

/** What a payment by card is for: written into its metadata, so that its webhook finds who takes care of it. */
export const Purpose = z.enum(['order', 'top-up'])
export type Purpose = z.infer<typeof Purpose>

/** Ids, by name, that the processor keeps beside what it is asked for and gives back with it. */
export type Metadata = Readonly<Record<string, string>>

/** The processor writes currencies in lower case. */
const currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .pipe(CurrencyCode)

/** Why the last try to pay did not work: the issuer's code where it gave one. */
const LastError = z
  .object({ code: ProcessorCode.optional(), decline_code: ProcessorCode.optional() })
  .transform(({ code, decline_code }) => decline_code ?? code ?? 'unknown')

/** A payment by card, as the processor has it ("payment intent"). Amounts are minor units. */
export const Intent = z
  .object({
    id: z.string().min(1),
    status: z.enum([
      'requires_payment_method',
      'requires_confirmation',
      'requires_action',
      'requires_capture',
      'processing',
      'succeeded',
      'canceled',
    ]),
    amount: Balance,
    amount_received: Balance,
    currency,
    metadata: z.record(z.string(), z.string()),
    /** Lets the customer's browser pay it; never to be written down. */
    client_secret: z.string().nullish(),
    last_payment_error: LastError.nullish(),
  })
  .transform(({ amount_received, client_secret, last_payment_error, ...intent }) => ({
    ...intent,
    received: amount_received,
    clientSecret: client_secret ?? undefined,
    declineCode: last_payment_error ?? undefined,
  }))
export type Intent = z.infer<typeof Intent>

/** Money on its way back to a card, or back. */
export const CardRefund = z
  .object({
    id: z.string().min(1),
    status: z.enum(['pending', 'requires_action', 'succeeded', 'failed', 'canceled']),
    amount: Balance,
    currency,
    metadata: z.record(z.string(), z.string()).nullish(),
    failure_reason: ProcessorCode.nullish(),
  })
  .transform(({ metadata, failure_reason, ...refund }) => ({
    ...refund,
    metadata: metadata ?? {},
    failureReason: failure_reason ?? undefined,
  }))
export type CardRefund = z.infer<typeof CardRefund>
