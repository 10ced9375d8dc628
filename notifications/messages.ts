import type { Db } from 'mongodb'
import type { UserId } from '../domain/ids.ts'
import { botIn } from './bot.ts'
import { chatsIn } from './chats.ts'
import type { Chat } from './chats.ts'
import { linkCodesIn } from './linkCodes.ts'
import type { NewCode } from './linkCodes.ts'

/** A code, and the page that brings it to the bot. */
export interface Link extends NewCode {
  readonly url: string
}

/** What people may ask about their messages. Throws `Unavailable` when MongoDB does not answer. */
export interface Messages {
  /** Where somebody is told of their orders; undefined if they have linked no chat. */
  readonly chatOf: (userId: UserId) => Promise<Chat | undefined>
  /** A link that is somebody's only one; undefined where there is no bot. */
  readonly newLink: (userId: UserId) => Promise<Link | undefined>
}

export const messagesIn = (db: Db, now: () => Date): Messages => {
  const [bot, chats, codes] = [botIn(db), chatsIn(db), linkCodesIn(db)]
  return {
    chatOf: chats.of,
    newLink: async (userId) => {
      const username = await bot.username()
      if (username === undefined) return undefined
      const issued = await codes.issue(userId, now())
      return { ...issued, url: `https://t.me/${username}?start=${issued.code}` }
    },
  }
}
