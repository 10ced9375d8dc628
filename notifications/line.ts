import { LRUCache } from 'lru-cache'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import { paceOf } from '../service/pace.ts'
import type { Outcome } from './outcome.ts'
import { pause } from '../eventstore/pause.ts'
import type { ChatAddress } from './telegram.ts'

/** Telegram takes some 30 messages a second of a bot, and one of them in each chat. */
const PER_SECOND = 25
const CHAT_REST = 1_000
const MOST_CHATS = 100_000

/** While Telegram can't be reached, or makes no sense, it is tried with one message at a time. */
const TROUBLE: RetryPolicy = { tries: Infinity, firstDelay: 500, maxDelay: 30_000 }

export interface LineOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  readonly signal: AbortSignal
}

/** The way to Telegram that all messages share. */
export interface Line {
  /** Milliseconds until something may be sent to a chat. */
  readonly wait: (chat: ChatAddress) => number
  /** Waits for a chat's turn and takes it; answers false if that would take longer than `ms`, or is no use any more. */
  readonly turn: (chat: ChatAddress, ms?: number) => Promise<boolean>
  /** What became of a message: after some outcomes the line rests. Answers for how many milliseconds. */
  readonly learn: (outcome: Outcome) => number
}

export const lineOf = ({ clock, signal }: LineOptions): Line => {
  const pace = paceOf({ perSecond: PER_SECOND, clock })
  const chats = new LRUCache<ChatAddress, number>({ max: MOST_CHATS })
  let troubles = 0

  const wait = (chat: ChatAddress): number =>
    Math.max(0, pace.wait(), (chats.get(chat) ?? -Infinity) + CHAT_REST - clock())

  return {
    wait,
    turn: async (chat, ms = Infinity) => {
      const end = clock() + ms
      for (let left = wait(chat); left > 0; left = wait(chat)) {
        if (clock() + left > end) return false
        await pause(left, signal)
        if (signal.aborted) return false
      }
      pace.begin()
      chats.set(chat, clock())
      return true
    },
    learn: (outcome) => {
      const isTrouble =
        outcome.status === 'UNKNOWN' || (outcome.status === 'NOT_YET' && outcome.retryAfter === undefined)
      troubles = isTrouble ? troubles + 1 : 0
      const rest = isTrouble
        ? backoff(troubles, TROUBLE)
        : outcome.status === 'NOT_YET'
          ? (outcome.retryAfter ?? 0)
          : 0
      if (rest > 0) pace.pause(rest)
      return rest
    },
  }
}
