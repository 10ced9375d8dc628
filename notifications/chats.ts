import type { Db } from 'mongodb'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { retrying } from '../eventstore/retry.ts'
import { answered, ensureIndex, isTaken, personal } from '../service/personal.ts'
import { Language } from './words/language.ts'

/** Why nothing is sent to a chat any more, until it is linked again. */
const Silence = z.enum(['BLOCKED', 'CHAT_NOT_FOUND'])
export type Silence = z.infer<typeof Silence>

/**
 * Collection `telegramChats`; `_id` is the user's id. A person has one chat, and a chat is of one person: the link
 * that was made last counts. It is personal, so it is kept where it can be erased, and not in the log.
 */
export const Chat = z.object({
  _id: UserId,
  /** Telegram's number of it. */
  chatId: z.int(),
  language: Language,
  linkedAt: z.date(),
  silenced: z.object({ reason: Silence, at: z.date() }).optional(),
})
export type Chat = z.infer<typeof Chat>

export const chatsIn = (db: Db) => {
  const chats = personal<Chat>(db, 'telegramChats')
  return {
    /** The index that makes a chat one person's; nobody may link one before it is there. */
    prepare: (): Promise<void> => ensureIndex(chats, { chatId: 1 }, { unique: true }),

    of: async (userId: UserId): Promise<Chat | undefined> => {
      const found = await answered(chats.findOne({ _id: userId }))
      return found ? Chat.parse(found) : undefined
    },

    /** Takes the chat from whoever had it, and the person away from the chat that they had. */
    link: (chat: Omit<Chat, 'silenced'>): Promise<unknown> =>
      // Two people at once: the index lets one of them in, and the other one comes after.
      retrying({ tries: 5, firstDelay: 5, maxDelay: 50 }, isTaken, async () => {
        await answered(chats.deleteMany({ chatId: chat.chatId, _id: { $ne: chat._id } }))
        await answered(chats.replaceOne({ _id: chat._id }, chat, { upsert: true }))
      }),

    /** Answers whether it was linked. */
    unlink: async (chatId: number): Promise<boolean> =>
      (await answered(chats.deleteOne({ chatId }))).deletedCount > 0,

    /** Nothing is sent there any more. One that was linked again after the attempt is another matter. */
    silence: async (
      { _id, chatId, linkedAt }: Pick<Chat, '_id' | 'chatId' | 'linkedAt'>,
      reason: Silence,
      at: Date,
    ): Promise<void> =>
      void (await answered(
        chats.updateOne({ _id, chatId, linkedAt }, { $set: { silenced: { reason, at } } }),
      )),

    /** The person of a chat blocked the bot there. */
    blocked: async (chatId: number, at: Date): Promise<void> =>
      void (await answered(chats.updateOne({ chatId }, { $set: { silenced: { reason: 'BLOCKED', at } } }))),
  }
}
export type Chats = ReturnType<typeof chatsIn>
