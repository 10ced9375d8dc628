import { leading } from '../service/lease.ts'
import { conversation } from './conversation.ts'
import type { ConversationOptions } from './conversation.ts'
import { lineOf } from './line.ts'
import { pollUpdates } from './polling.ts'
import type { PollingOptions } from './polling.ts'
import { recipientsOf } from './recipients.ts'
import { sendNotifications } from './sender.ts'
import type { SenderObserver, SenderOptions } from './sender.ts'
import type { ChatAddress, Telegram } from './telegram.ts'

export type RunTelegramObserver = SenderObserver &
  PollingOptions['observer'] & {
    /** Whether this process is the one that speaks with Telegram. */
    readonly leads: (so: boolean) => void
    /** It can't be found out which process that is. */
    readonly unsure: (fault: unknown) => void
  }

export interface RunTelegramOptions
  extends
    Omit<SenderOptions, 'recipients' | 'line' | 'telegram' | 'observer'>,
    Pick<PollingOptions, 'record'>,
    ConversationOptions {
  readonly telegram: Telegram
  readonly shopChat: ChatAddress | undefined
  readonly observer: RunTelegramObserver
}

/**
 * Sends what is due and hears what people say in the bot's chats, until the signal is aborted. One process of several
 * does so, as Telegram's limits are for all of them together; the next one takes over a few seconds after it is gone.
 */
export const runTelegram = (options: RunTelegramOptions): Promise<void> => {
  const { db, newId, signal, observer } = options
  const clock = () => performance.now()
  const lease = { db, name: 'telegram', holder: newId(), clock, signal, onFault: observer.unsure }
  return leading({ ...lease, leads: observer.leads }, ({ run, signal }) => {
    const parts = { ...options, signal, line: lineOf({ clock, signal }) }
    run(() => sendNotifications({ ...parts, recipients: recipientsOf(options) }))
    run(() => pollUpdates({ ...parts, handle: conversation(options) }))
  })
}
