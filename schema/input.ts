import { z } from 'zod'
import { Amount, CurrencyCode } from '../domain/money.ts'
import type { Money } from '../domain/money.ts'
import { badInput } from './errors.ts'

/** Reads what a client gave; throws BAD_INPUT with a message that names the field. */
export const parsed = <T>(schema: z.ZodType<T>, given: unknown): T => {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (!issue) throw badInput('The input does not make sense.')
  throw badInput(issue.path.length === 0 ? `${issue.message}.` : `${issue.path.join('.')}: ${issue.message}`)
}

/** Money as it comes in: any integer, because an amount out of range has a typed answer of its own. */
export const MoneyInput = z.object({ amount: z.number().refine(Number.isInteger), currency: CurrencyCode })
export type MoneyInput = z.infer<typeof MoneyInput>

/** True if the amount is one that can be moved at all. */
export const isMovable = (money: MoneyInput): money is Money => Amount.safeParse(money.amount).success

/** The answer to an amount that is not. */
export const amountOutOfRange = {
  __typename: 'AmountOutOfRange',
  message: 'The amount must be between 1 and 9007199254740991 minor units.',
} as const

/** The answer to a key that was used before for something else. */
export const idempotencyConflict = {
  __typename: 'IdempotencyConflict',
  message: 'This idempotency key was used before, with another input; take a new key for a new request.',
} as const
