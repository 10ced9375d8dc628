import { UserId } from '../../domain/ids.ts'
import type { Viewer } from '../../access/viewer.ts'

/**
 * Who caused an event, for whoever asks: `actor` is as the event's metadata have it, a person's id or the name
 * of a reaction. Customers are told no ids but those that are their own.
 */
export const actorFor = (viewer: Viewer, customer: UserId, actor: string): string => {
  if (actor === viewer.id) return 'you'
  if (actor === customer) return 'the customer'
  return UserId.safeParse(actor).success ? 'the shop' : 'the system'
}
