import { z } from 'zod'

/** As `toISOString` writes the years 0 to 9999: in this form, earlier is less. */
const CANONICAL = '0000-00-00T00:00:00.000Z'.length

/** A moment as clients write it: with a time zone, and no finer than the log. Becomes what the log would say. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'must be ISO 8601 with a time zone, such as 2026-01-02T12:00:00Z' })
  .refine((moment) => !/\.\d{4}/.test(moment), 'must be no finer than milliseconds')
  .transform((moment) => new Date(moment).toISOString())
  .refine((moment) => moment.length === CANONICAL, 'must be within the years 0 to 9999')
