import type { EventStoreDBClient } from '@eventstore/db-client'
import type { OrderId } from '../domain/ids.ts'
import { impossible } from '../eventstore/decision.ts'
import { streamOf } from '../eventstore/stream.ts'
import { projections } from '../projections/all.ts'
import { pastOf } from '../projections/pastOf.ts'
import { order } from './order.ts'
import { orderOf } from './shown.ts'

const END_OF_TIME = '9999-12-31T23:59:59.999Z'

/** An order as a command left it, or newer: from its own stream. */
export const orderNow = async (client: EventStoreDBClient, id: OrderId) => {
  const found = await pastOf(client, projections.orders, streamOf(order, id), END_OF_TIME)
  return found ? orderOf(found) : impossible(`order ${id} was changed, and is not there`)
}
