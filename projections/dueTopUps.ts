import type { Db } from 'mongodb'
import { z } from 'zod'
import { TopUpId } from '../domain/ids.ts'
import { inTime } from './limits.ts'
import { topUps } from './topUps.ts'

const DueTopUp = z.object({ _id: TopUpId })

/** The top-ups whose time to be paid has been over the longest, as far as the read model knows. */
export const dueTopUps = async (db: Db, now: Date, limit: number): Promise<readonly TopUpId[]> => {
  const found = await inTime(
    db
      .collection(topUps.name)
      .find({ dueAt: { $lte: now.toISOString() } }, { sort: { dueAt: 1 }, limit, batchSize: limit })
      .project({ _id: 1 })
      .toArray(),
  )
  return found.map((raw) => DueTopUp.parse(raw)._id)
}
