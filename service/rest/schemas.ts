import { z } from 'zod'
import { OrderId, UserId } from '../../domain/ids.ts'

const uuid = { format: 'uuid', example: '7a1f4c9e-2b3d-4e5f-8a6b-9c0d1e2f3a4b' }

/** Ids, as they come. */
export const UserIdField = UserId.meta({ ...uuid, description: 'A person.' })
export const OrderIdField = OrderId.meta({
  ...uuid,
  description: 'An order.',
  example: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28',
})

/** The same as they are given out. */
export const ShownUserId = z.uuid().meta({ description: 'A person.', example: uuid.example })
export const ShownOrderId = z
  .uuid()
  .meta({ description: 'An order.', example: '4c3f19c9-aae8-5bfb-b08f-3040a6339c28' })

/** Every currency that there is, so that the document says it exactly. */
export const Currency = z.enum(Intl.supportedValuesOf('currency')).meta({
  id: 'Currency',
  description: 'An ISO 4217 code.',
  example: 'EUR',
})

/** Any integer: one that can't be moved is well-formed, and refused by its own problem. */
export const AmountInput = z.int().meta({
  description: 'Minor units (cents for EUR, yen for JPY): 1 to 9007199254740991.',
  example: 1999,
})

export const Amount = z
  .int()
  .min(0)
  .meta({ description: 'Minor units (cents for EUR, yen for JPY).', example: 1999 })

export const MoneyField = z
  .object({ amount: Amount, currency: Currency })
  .meta({ id: 'Money', description: 'An amount of a currency.' })

export const Time = z.iso
  .datetime()
  .meta({ description: 'A moment in UTC.', example: '2026-11-21T05:16:22.691Z' })

/** The path of something that belongs to this. */
export const Link = z.string().meta({ format: 'uri-reference', description: 'A path of this service.' })
