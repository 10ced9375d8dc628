import type { Db } from 'mongodb'
import type { UserId } from '../domain/ids.ts'
import { answered } from '../service/personal.ts'

interface Erasable {
  readonly _id: string
  readonly userId?: string
}

/** Forgets which chat is a person's, their language, and the codes that they asked for; answers how many documents. */
export const eraseChats = async (db: Db, userId: UserId): Promise<number> => {
  const chats = await answered(db.collection<Erasable>('telegramChats').deleteMany({ _id: userId }))
  const codes = await answered(db.collection<Erasable>('telegramCodes').deleteMany({ userId }))
  return chats.deletedCount + codes.deletedCount
}
