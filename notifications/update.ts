import { z } from 'zod'

const Conversation = z.object({ id: z.int(), type: z.string() })

const Said = z.object({
  message: z.object({
    chat: Conversation,
    text: z.string(),
    from: z.object({ language_code: z.string().optional() }).optional(),
  }),
})

const Changed = z.object({
  my_chat_member: z.object({ chat: Conversation, new_chat_member: z.object({ status: z.string() }) }),
})

/** Telegram's news, numbered; what is in them is nobody's business unless `newsOf` knows it. */
export const Update = z.looseObject({ update_id: z.int() })
export type Update = z.infer<typeof Update>

/** What the bot cares about. */
export type News =
  | {
      readonly what: 'SAID'
      readonly chatId: number
      readonly isPrivate: boolean
      readonly text: string
      /** An IETF language tag. */
      readonly language: string | undefined
    }
  | { readonly what: 'BLOCKED'; readonly chatId: number }

export const newsOf = (update: Update): News | undefined => {
  const said = Said.safeParse(update)
  if (said.success) {
    const { chat, text, from } = said.data.message
    return {
      what: 'SAID',
      chatId: chat.id,
      isPrivate: chat.type === 'private',
      text,
      language: from?.language_code,
    }
  }
  const changed = Changed.safeParse(update)
  if (!changed.success) return undefined
  const { chat, new_chat_member: bot } = changed.data.my_chat_member
  return ['kicked', 'left'].includes(bot.status) ? { what: 'BLOCKED', chatId: chat.id } : undefined
}
