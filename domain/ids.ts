import { z } from 'zod'

const uuid = z.uuid().transform((id) => id.toLowerCase())

/** A person: the owner of a wallet and of orders. A UUID in lower case. */
export const UserId = uuid.brand<'UserId'>()
export type UserId = z.infer<typeof UserId>

/** An order. A UUID in lower case. */
export const OrderId = uuid.brand<'OrderId'>()
export type OrderId = z.infer<typeof OrderId>

/** Money on its way back, or back. A UUID in lower case. */
export const RefundId = uuid.brand<'RefundId'>()
export type RefundId = z.infer<typeof RefundId>

/** Money that somebody pays into their wallet by card. A UUID in lower case. */
export const TopUpId = uuid.brand<'TopUpId'>()
export type TopUpId = z.infer<typeof TopUpId>

/** Money that went back to a card after it had been put into a wallet. A UUID in lower case. */
export const ReversalId = uuid.brand<'ReversalId'>()
export type ReversalId = z.infer<typeof ReversalId>
