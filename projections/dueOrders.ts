import type { Db } from 'mongodb'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import { inTime } from './limits.ts'

/** An order that somebody has to look after, as far as the read model knows. */
const DueOrder = z.object({ _id: OrderId, status: z.string(), payBy: z.iso.datetime() })

export interface DueOrder {
  readonly orderId: OrderId
  /** It may still be paid until `payBy`. */
  readonly isOpen: boolean
  readonly payBy: Date
}

/** The orders that have been due the longest, and after which the index has nothing to look at. */
export const dueOrders = async (db: Db, now: Date, limit: number): Promise<readonly DueOrder[]> => {
  const found = await inTime(
    db
      .collection('orders')
      .find({ dueAt: { $lte: now.toISOString() } }, { sort: { dueAt: 1 }, limit, batchSize: limit })
      .project({ status: 1, payBy: 1 })
      .toArray(),
  )
  return found.map((raw) => {
    const { _id: orderId, status, payBy } = DueOrder.parse(raw)
    return { orderId, isOpen: status === 'NEW' || status === 'AWAITING_PAYMENT', payBy: new Date(payBy) }
  })
}
