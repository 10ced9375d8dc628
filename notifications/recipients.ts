import type { NotificationDocument } from '../projections/documents.ts'
import type { Chat, Chats, Silence } from './chats.ts'
import type { DeliveryFailure } from './events.ts'
import type { ChatAddress } from './telegram.ts'
import { DEFAULT_LANGUAGE } from './words/language.ts'
import type { Language } from './words/language.ts'

/** Where a message goes. */
export interface Recipient {
  readonly address: ChatAddress
  readonly language: Language
  /** The person's link; undefined for the shop. */
  readonly chat: Chat | undefined
}

export interface Unreachable {
  readonly reason: DeliveryFailure
}

export interface Recipients {
  /** Whom a message is for now, or why it can't be sent to anybody. */
  readonly of: (document: NotificationDocument) => Promise<Recipient | Unreachable>
  /** A chat can't be written to: nothing more is sent there, if that is why. */
  readonly silence: (recipient: Recipient, reason: DeliveryFailure) => Promise<void>
}

export interface RecipientsOptions {
  readonly chats: Chats
  readonly shopChat: ChatAddress | undefined
  readonly now: () => Date
}

export const recipientsOf = ({ chats, shopChat, now }: RecipientsOptions): Recipients => {
  /** Not kept: the shop's chat is tried again when the service starts. */
  let shopSilenced: Silence | undefined
  return {
    of: async ({ audience, userId }) => {
      if (audience === 'SHOP') {
        if (shopChat === undefined) return { reason: 'NOT_LINKED' }
        if (shopSilenced) return { reason: shopSilenced }
        return { address: shopChat, language: DEFAULT_LANGUAGE, chat: undefined }
      }
      const chat = userId && (await chats.of(userId))
      if (!chat) return { reason: 'NOT_LINKED' }
      if (chat.silenced) return { reason: chat.silenced.reason }
      return { address: chat.chatId, language: chat.language, chat }
    },

    silence: async ({ chat }, reason) => {
      if (reason !== 'BLOCKED' && reason !== 'CHAT_NOT_FOUND') return
      if (chat) await chats.silence(chat, reason, now())
      else shopSilenced = reason
    },
  }
}
