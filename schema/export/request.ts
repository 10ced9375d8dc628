import { z } from 'zod'
import { UserId } from '../../domain/ids.ts'
import { Moment } from '../moment.ts'
import { asPeriod } from '../period.ts'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** A moment, or a day: the moment at which it begins in UTC. */
const DayOrMoment = z
  .string()
  .transform((text) => (DAY.test(text) ? `${text}T00:00:00Z` : text))
  .pipe(Moment)

/** What may be asked of an export; anything else is a mistake, and would otherwise export too much. */
export const ExportRequest = asPeriod(
  z.strictObject({
    user: UserId.optional(),
    from: DayOrMoment.optional(),
    to: DayOrMoment.optional(),
    format: z.enum(['csv', 'jsonl']).default('csv'),
  }),
)
export type ExportRequest = z.infer<typeof ExportRequest>

/** A name that says what is in the file: letters, digits and dashes only. */
export const fileName = ({ user, from, to, format }: ExportRequest): string => {
  const parts = [
    'ledger',
    user,
    from && `from-${from.replaceAll(/[-:.]/g, '')}`,
    to && `to-${to.replaceAll(/[-:.]/g, '')}`,
  ]
  return `${parts.filter((part) => part !== undefined).join('-')}.${format}`
}
