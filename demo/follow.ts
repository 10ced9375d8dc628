import type { OrderUpdate, Watching } from '../client/watch.ts'
import { patiently } from './patience.ts'

const LAST: ReadonlySet<string> = new Set(['PAID', 'FAILED', 'CANCELLED', 'REFUNDED'])

/** The subscription ended before the order did: as good as a lost connection. */
class EndedEarly extends Error {
  readonly code = 'UND_ERR_ENDED_EARLY'
}

/** An order's way to its last status, as it was announced. */
export interface Followed {
  readonly updates: readonly OrderUpdate[]
  readonly last: OrderUpdate
}

/** Watches an order until it has reached its last status; goes on after the last one seen when it is cut off. */
export const follow = async (watching: Watching, orderId: string, onFault: () => void): Promise<Followed> => {
  const updates: OrderUpdate[] = []
  const last = await patiently(async () => {
    for await (const update of watching.orderStatus(orderId, updates.at(-1)?.revision)) {
      updates.push(update)
      if (LAST.has(update.status)) return update
    }
    throw new EndedEarly(`the subscription to ${orderId} ended before its last status`)
  }, onFault)
  return { updates, last }
}
