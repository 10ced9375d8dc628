import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import type { Check } from '../service/checks.ts'
import { pause } from '../eventstore/pause.ts'
import { TelegramFault } from './telegram.ts'
import type { Telegram } from './telegram.ts'

const ASKING: RetryPolicy = { tries: Infinity, firstDelay: 500, maxDelay: 30_000 }

export interface TokenOptions {
  readonly telegram: Pick<Telegram, 'me'>
  readonly onFault: (fault: unknown) => void
}

/** Whether Telegram takes our token: while it does not, nothing is sent or asked for, and nothing is lost. */
export const tokenOf = ({ telegram, onFault }: TokenOptions) => {
  let refused: string | undefined
  const note = (fault: unknown): void => {
    if (isRefusal(fault)) refused = fault.message
  }
  return {
    note,
    isRefused: () => refused !== undefined,

    /** Asks who we are until Telegram tells; throws when the signal is aborted. */
    accepted: async (signal: AbortSignal): ReturnType<Telegram['me']> => {
      for (let failures = 1; ; failures++) {
        signal.throwIfAborted()
        try {
          const me = await telegram.me()
          refused = undefined
          return me
        } catch (fault) {
          note(fault)
          onFault(fault)
          await pause(backoff(failures, ASKING), signal)
        }
      }
    },

    /** For /readyz. */
    check: {
      name: 'telegram',
      run: () =>
        refused === undefined
          ? Promise.resolve()
          : Promise.reject(new Error(`TELEGRAM_BOT_TOKEN is refused: ${refused}`)),
    } satisfies Check,
  }
}
export type Token = ReturnType<typeof tokenOf>

export const isRefusal = (fault: unknown): fault is TelegramFault =>
  fault instanceof TelegramFault && fault.fault.status === 'NOT_YET' && fault.fault.reason === 'TOKEN_REFUSED'
