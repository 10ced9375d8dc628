import { z } from 'zod'
import { Moment } from './moment.ts'

const moment = Moment.nullish().transform((given) => given ?? undefined)

/** From a moment on, and before another one; either may be left open. */
export const Period = z
  .object({ from: moment, to: moment })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be later than `from`',
  })
