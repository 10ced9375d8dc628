import { orderRefusal as said } from '../orders/refusals.ts'
import type { OrderRefusal } from '../orders/refusals.ts'
import { member } from './member.ts'

/** What a customer or an admin is told when an order can't be what they want. */
export const orderRefusal = (refused: OrderRefusal) => member(said(refused))
