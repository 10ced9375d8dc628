import type { Chats } from './chats.ts'
import type { LinkCodes } from './linkCodes.ts'
import type { News } from './update.ts'
import { languageOf } from './words/language.ts'
import { words } from './words/table.ts'

export interface ConversationOptions {
  readonly chats: Chats
  readonly codes: LinkCodes
  readonly now: () => Date
}

export interface Reply {
  readonly chatId: number
  readonly text: string
}

const COMMAND = /^\/(?<command>\w+)(?:@\w+)?(?:\s+(?<argument>\S+))?/

/** What people do in the bot's chats: link one, end that. Done twice, it is as if it was done once. */
export const conversation =
  ({ chats, codes, now }: ConversationOptions) =>
  async (news: News): Promise<Reply | undefined> => {
    const { chatId } = news
    if (news.what === 'BLOCKED') {
      await chats.blocked(chatId, now())
      return undefined
    }
    const { command, argument } = COMMAND.exec(news.text)?.groups ?? {}
    const language = languageOf(news.language)
    const { bot } = words[language]
    if (command === 'id') return { chatId, text: bot.chatNumber(chatId) }
    // What people say in a group, where nobody's orders are told, is not for us.
    if (!news.isPrivate) return undefined
    if (command === 'stop')
      return { chatId, text: (await chats.unlink(chatId)) ? bot.unlinked : bot.wasNotLinked }
    if (command !== 'start' || argument === undefined) return { chatId, text: bot.welcome }
    const userId = await codes.redeem(argument, chatId, now())
    if (userId === undefined) return { chatId, text: bot.badCode }
    await chats.link({ _id: userId, chatId, language, linkedAt: now() })
    return { chatId, text: bot.linked }
  }
