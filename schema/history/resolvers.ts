import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { OrderId } from '../../domain/ids.ts'
import type { Recorded } from '../../eventstore/codec.ts'
import type { ReadModels } from '../../projections/readModels.ts'
import { queryOver } from '../resolver.ts'
import { maySee } from '../../access/viewer.ts'
import type { Viewer } from '../../access/viewer.ts'
import { actorFor } from './actor.ts'
import { happeningsBeside, orderEventsOf } from './events.ts'
import type { Placed } from './events.ts'
import { wordsFor } from './words.ts'
import type { Happening } from './words.ts'

export interface HistoryParts {
  readonly client: EventStoreDBClient
  readonly readModels: ReadModels
}

/** What happened to an order: told from the log, and so as new as any consistency token. */
export const historyResolvers = ({ client, readModels }: HistoryParts) => ({
  Query: {
    orderHistory: queryOver(readModels)(z.object({ id: OrderId }), async ({ args, viewer }) => {
      const own = await orderEventsOf(client, args.id)
      const [placed] = own
      if (placed?.type !== 'OrderPlaced' || !maySee(viewer, placed.data.customerId)) return null
      const events = [...own, ...(await happeningsBeside(client, placed))]
      return events.sort(byPosition).map(entryFor(viewer, placed))
    }),
  },
})

const byPosition = (a: Recorded<Happening>, b: Recorded<Happening>): number =>
  a.position < b.position ? -1 : 1

const entryFor =
  (viewer: Viewer, { data: { customerId, price } }: Placed) =>
  (event: Recorded<Happening>) => {
    const { actor, at, $correlationId: correlationId } = event.metadata
    const { id, type, stream, revision } = event
    return {
      ...wordsFor(event, price),
      actor: actorFor(viewer, customerId, actor),
      at,
      event: viewer.role === 'ADMIN' ? { id, type, stream, revision, actor, correlationId } : undefined,
    }
  }
