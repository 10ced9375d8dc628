import { z } from 'zod'
import { OrderStatus } from '../projections/documents.ts'

const unreached = z.enum(['NEW', 'REFUNDED'])

/** Any status that the schema knows. */
export const AnyStatus = z.union([OrderStatus, unreached])
export type AnyStatus = z.infer<typeof AnyStatus>

/** True for a status that no order can have so far: there are none to list. */
export const isUnreached = (status: AnyStatus | null | undefined): status is z.infer<typeof unreached> =>
  unreached.safeParse(status).success
