import type { z } from 'zod'
import * as refusals from '../domain/refusals.ts'
import { badInput } from './errors.ts'
import { member } from './member.ts'

/** Reads what a client gave; throws BAD_INPUT with a message that names the field. */
export const parsed = <T>(schema: z.ZodType<T>, given: unknown): T => {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (!issue) throw badInput('The input does not make sense.')
  throw badInput(issue.path.length === 0 ? `${issue.message}.` : `${issue.path.join('.')}: ${issue.message}`)
}

/** The answer to an amount that is not. */
export const amountOutOfRange = member(refusals.amountOutOfRange)

/** The answer to a key that was used before for something else. */
export const idempotencyConflict = member(refusals.idempotencyConflict)
