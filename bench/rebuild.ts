import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { projectUpTo } from '../projections/upTo.ts'
import { eventStoreClient } from '../service/clients.ts'
import type { System } from '../start/system.ts'

export interface RebuildResult {
  readonly events: number
  readonly eventsPerSecond: number
}

/** Folds the whole log into a new database by the side of the serving one, as a rebuild does. */
export const rebuild = async (system: System, upTo: bigint): Promise<RebuildResult> => {
  const client = eventStoreClient(system.addresses.eventstore, 'bench')
  const mongo = await new MongoClient(system.addresses.mongodb).connect()
  const db = mongo.db('counterfoil_rebuild')
  await db.dropDatabase()
  let events = 0
  const begun = performance.now()
  await projectUpTo({
    client,
    db,
    position: upTo,
    now: () => new Date(),
    newId: randomUUID,
    wrote: (count) => (events += count),
  })
  const eventsPerSecond = events / ((performance.now() - begun) / 1_000)
  await mongo.close()
  await client.dispose()
  return { events, eventsPerSecond }
}
