import type { Ledger } from '../store/ledger.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type { Call } from './endpoint.ts'
import type { Surroundings } from './render.ts'

export interface ActingOptions {
  readonly surroundings: Surroundings
  readonly ledger: Ledger
  readonly webhooks: Webhooks
  readonly now: () => number
}

/** Who asks for it, and about which object. */
interface About {
  readonly request: string
  readonly id: string
}

/** Does what comes from outside of the API (a card's holder, a bank): what is decided is on disk when it resolves. */
export const acting =
  ({ surroundings, ledger, webhooks, now }: ActingOptions) =>
  async <T>({ request, id }: About, decide: (call: Call) => T): Promise<T> => {
    const decided = await ledger.write(() =>
      decide({
        ledger,
        url: surroundings.url,
        params: {},
        id,
        at: Math.floor(now() / 1_000),
        publishable: false,
        announce: (type, record) =>
          webhooks.announce(type, record, { id: request, idempotencyKey: undefined }),
      }),
    )
    webhooks.dispatcher.wake()
    return decided
  }
