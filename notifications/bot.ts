import type { Db } from 'mongodb'
import { z } from 'zod'
import { answered } from '../service/personal.ts'

/** Collection `telegram`: what the service knows of its bot, for the API and for whoever polls next. */
const Bot = z.object({ _id: z.literal('bot'), username: z.string() })
type Bot = z.infer<typeof Bot>

const Polled = z.object({
  _id: z.string(),
  /** The first update that nobody has handled. */
  next: z.int(),
  at: z.date(),
})
type Polled = z.infer<typeof Polled>

/** After a week without updates Telegram may number them anew. */
const NUMBERING = 6 * 24 * 3_600_000

export const botIn = (db: Db) => {
  const bots = db.collection<Bot>('telegram')
  const polled = db.collection<Polled>('telegram')
  const progressOf = (botId: number) => `updates of ${botId}`
  return {
    /** The bot's name in Telegram; undefined where messages by Telegram were never set up. */
    username: async (): Promise<string | undefined> => {
      const found = await answered(bots.findOne({ _id: 'bot' }))
      return found ? Bot.parse(found).username : undefined
    },

    introduce: async (username: string): Promise<void> =>
      void (await answered(bots.replaceOne({ _id: 'bot' }, { username }, { upsert: true }))),

    /** The first update that nobody has handled; 0 for whichever there is. */
    nextUpdate: async (botId: number, now: Date): Promise<number> => {
      const found = await answered(polled.findOne({ _id: progressOf(botId) }))
      const progress = found ? Polled.parse(found) : undefined
      return progress && now.getTime() - progress.at.getTime() < NUMBERING ? progress.next : 0
    },

    handled: async (botId: number, update: number, at: Date): Promise<void> =>
      void (await answered(
        polled.replaceOne({ _id: progressOf(botId) }, { next: update + 1, at }, { upsert: true }),
      )),
  }
}
export type BotRecord = ReturnType<typeof botIn>
