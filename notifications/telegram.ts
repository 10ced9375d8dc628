import { Api } from 'grammy'
import { z } from 'zod'
import { within } from '../eventstore/deadline.ts'
import { freshConnections } from './connections.ts'
import { faultOf } from './outcome.ts'
import type { Fault, Outcome } from './outcome.ts'
import { Update } from './update.ts'

export interface TelegramOptions {
  readonly token: string
  readonly apiRoot: string
  /** Milliseconds for one request. */
  readonly timeout: number
}

/** A chat as Telegram takes it: its number, or the @name of a channel. */
export type ChatAddress = number | string

const Me = z.object({ id: z.int(), username: z.string() })

/** Telegram could not be asked, or has refused. */
export class TelegramFault extends Error {
  override readonly name = 'TelegramFault'
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.why)
    this.fault = fault
  }
}

/** Seconds that Telegram waits for something to happen before it says that nothing has. */
const POLL = 25
const CONNECT_DEADLINE = 5_000
const ALLOWED = ['message', 'my_chat_member'] as const

/** The Bot API as far as it is used here. What fails is a `TelegramFault`: no word of it tells the token. */
export const telegramAt = ({ token, apiRoot, timeout }: TelegramOptions) => {
  const deadline = Math.min(CONNECT_DEADLINE, timeout / 2)
  const apiWith = (seconds: number) => {
    const agent = freshConnections(apiRoot, deadline)
    const api = new Api(token, { apiRoot, timeoutSeconds: seconds, baseFetchConfig: { agent } })
    return { agent, api }
  }
  const { api } = apiWith(timeout / 1_000)
  const polling = apiWith(POLL + timeout / 1_000)

  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (fault) {
      throw new TelegramFault(faultOf(fault))
    }
  }

  return {
    me: async () => Me.parse(await told(api.getMe())),

    /** Sends plain text. */
    send: async (chat: ChatAddress, text: string): Promise<Outcome> => {
      try {
        await api.sendMessage(chat, text, { link_preview_options: { is_disabled: true } })
        return { status: 'DONE' }
      } catch (fault) {
        return faultOf(fault)
      }
    },

    /** Updates are fetched, and not posted to anybody. */
    pollOnly: () => told(api.deleteWebhook()),

    /** Updates from a number on; those before it are done with. Waits a while for the first one. */
    updates: async (from: number, signal: AbortSignal): Promise<readonly Update[]> => {
      // The library knows no other signals than those of a package of its own.
      const hangUp = () => polling.agent.destroy()
      signal.addEventListener('abort', hangUp)
      try {
        const wanted = { offset: from, timeout: POLL, allowed_updates: ALLOWED }
        const found = told(polling.api.getUpdates(wanted))
        return z.array(Update).parse(await within(2 * (POLL * 1_000 + timeout), 'Telegram', found, signal))
      } finally {
        signal.removeEventListener('abort', hangUp)
      }
    },
  }
}
export type Telegram = ReturnType<typeof telegramAt>
