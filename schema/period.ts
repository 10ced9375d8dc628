import type { z } from 'zod'
import { Moment } from './moment.ts'

const moment = Moment.nullish().transform((given) => given ?? undefined)

interface Given {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Makes a schema hold what is a period: one that ends after it began. */
export const asPeriod = <Schema extends z.ZodType<Given>>(schema: Schema): Schema =>
  schema.refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be later than `from`',
  })

/** From a moment on, and before another one; either may be left open. */
export const period = { from: moment, to: moment }
