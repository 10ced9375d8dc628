import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import type { BotRecord } from './bot.ts'
import type { Reply } from './conversation.ts'
import type { Line } from './line.ts'
import { pause } from '../eventstore/pause.ts'
import { TelegramFault } from './telegram.ts'
import type { Telegram } from './telegram.ts'
import type { Token } from './token.ts'
import { newsOf } from './update.ts'
import type { News } from './update.ts'

export interface PollingOptions {
  readonly telegram: Telegram
  readonly token: Token
  readonly line: Line
  readonly record: BotRecord
  readonly handle: (news: News) => Promise<Reply | undefined>
  readonly now: () => Date
  readonly signal: AbortSignal
  readonly observer: {
    /** Updates can't be fetched, or not be handled, at the moment. */
    readonly deaf: (fault: unknown) => void
    /** Somebody was not answered. */
    readonly mute: (why: string) => void
  }
}

const WAITING: RetryPolicy = { tries: Infinity, firstDelay: 500, maxDelay: 30_000 }

/**
 * Hears what people say in the bot's chats until the signal is aborted. An update is handled before Telegram is told
 * that it was; one that is delivered again after that is known by its number.
 */
export const pollUpdates = async (options: PollingOptions): Promise<void> => {
  const { telegram, token, line, record, handle, now, signal, observer } = options

  const take = async (botId: number): Promise<void> => {
    let next = await record.nextUpdate(botId, now())
    const updates = await telegram.updates(next, signal)
    for (const update of updates.toSorted((a, b) => a.update_id - b.update_id)) {
      if (update.update_id < next) continue
      const news = newsOf(update)
      const reply = news && (await handle(news))
      next = update.update_id + 1
      await record.handled(botId, update.update_id, now())
      // What was done stands, whether the answer arrives or not: it is not tried again.
      if (reply) await answer(reply)
    }
  }

  const answer = async ({ chatId, text }: Reply): Promise<void> => {
    if (!(await line.turn(chatId))) return
    const outcome = await telegram.send(chatId, text)
    line.learn(outcome)
    if (outcome.status !== 'DONE') observer.mute(outcome.why)
  }

  let failures = 0
  let botId: number | undefined
  while (!signal.aborted) {
    try {
      if (botId === undefined || token.isRefused()) {
        const me = await token.accepted(signal)
        await record.introduce(me.username)
        await telegram.pollOnly()
        botId = me.id
      }
      await take(botId)
      failures = 0
    } catch (fault) {
      if (signal.aborted) return
      token.note(fault)
      observer.deaf(fault)
      await pause(Math.max(backoff(++failures, WAITING), restWanted(fault)), signal)
    }
  }
}

const restWanted = (fault: unknown): number =>
  fault instanceof TelegramFault && fault.fault.status === 'NOT_YET' ? (fault.fault.retryAfter ?? 0) : 0
