import type { EventStoreDBClient } from '@eventstore/db-client'
import type { OrderId, UserId } from '../domain/ids.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { order } from '../orders/order.ts'
import type { OrderDocument } from '../projections/documents.ts'
import { noSuchOrder } from '../service/errors.ts'
import { PATIENCE } from '../projections/consistency.ts'
import type { LiveQueue } from './queue.ts'
import { seam } from './seam.ts'
import { later, LIMIT, subscriber } from './subscriber.ts'
import type { LiveParts } from './subscriber.ts'
import { isFinal, updatesIn } from './updates.ts'
import type { OrderUpdate } from './updates.ts'

export interface FollowOrder {
  readonly id: OrderId
  readonly customer: UserId
  /** Show all that came after this revision; undefined: begin with the present status. */
  readonly after: number | undefined
  /** Log position that the customer has seen already. */
  readonly seen: bigint
}

/**
 * An order's statuses, each once, in order, without a gap: it registers first, and then waits until the read
 * model is as new as the hub was. So whatever the hub delivered before is in the document, and whatever it
 * delivers after is held back for the seam. Throws NOT_FOUND.
 */
export const followOrder = (
  parts: LiveParts,
  { id, customer, after, seen }: FollowOrder,
): Promise<LiveQueue<OrderUpdate>> =>
  subscriber(parts, async (queue, leaving) => {
    const { hub, readModels } = parts
    const { live, open } = seam(queue, { limit: LIMIT, show: same, isLast: isFinal })
    leaving(hub.watchOrder(id, live))
    await readModels.reached(later(hub.position(), seen), PATIENCE, 'orders')

    const found = (await readModels.order(id)) ?? (await justPlaced(parts, id, customer))
    if (found?.customerId !== customer) throw noSuchOrder()
    const updates = updatesIn(found)
    open(after === undefined ? updates.slice(-1) : updates, after ?? -1, isFinal(found))
  })

const same = (update: OrderUpdate): OrderUpdate => update

/** Whatever happens to a customer's orders from now on. */
export const followOrdersOf = (parts: LiveParts, customer: UserId): Promise<LiveQueue<OrderUpdate>> =>
  subscriber(parts, (queue, leaving) => {
    parts.hub.position()
    leaving(parts.hub.watchOrdersOf(customer, queue))
    return Promise.resolve()
  })

/** An order may be newer than both the read model and the hub: then its stream knows it already. */
const justPlaced = async (
  { readModels, client }: Pick<LiveParts, 'readModels' | 'client'>,
  id: OrderId,
  customer: UserId,
): Promise<OrderDocument | undefined> => {
  const placedAt = await placing(client, id, customer)
  if (placedAt === undefined) return undefined
  await readModels.reached(placedAt, PATIENCE, 'orders')
  const found = await readModels.order(id)
  if (!found) throw new Unavailable(`order ${id} is not in the read model yet`)
  return found
}

/** Where in the log the customer placed the order; undefined if they did not. */
const placing = async (
  client: EventStoreDBClient,
  id: OrderId,
  customer: UserId,
): Promise<bigint | undefined> => {
  for await (const { data, position } of readForwards(client, streamOf(order, id), 0))
    return data.customerId === customer ? position : undefined
  return undefined
}
