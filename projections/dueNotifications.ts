import type { Db } from 'mongodb'
import type { Audience } from '../notifications/events.ts'
import { NotificationDocument } from './documents.ts'
import { inTime } from './limits.ts'

const collectionOf = (db: Db) => db.collection('notifications')

/** The messages that somebody has to look after, those that have been due the longest first. */
export const dueNotifications = async (
  db: Db,
  audience: Audience,
  now: Date,
  limit: number,
): Promise<readonly NotificationDocument[]> => {
  const due = { audience, dueAt: { $lte: now.toISOString() } }
  const found = collectionOf(db).find(due, { sort: { dueAt: 1 }, limit, batchSize: limit })
  return (await inTime(found.toArray())).map((raw) => NotificationDocument.parse(raw))
}

/** How many messages are on their way; no more than `most` are counted. */
export const countWaiting = (db: Db, audience: Audience, most: number): Promise<number> =>
  inTime(collectionOf(db).countDocuments({ audience, dueAt: { $exists: true } }, { limit: most }))
