import { MongoClient } from 'mongodb'
import { foldersOn } from '../projections/all.ts'
import { runProjections } from '../projections/runner.ts'
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
  const done = new AbortController()
  let events = 0
  const fail = (fault: unknown) => {
    throw fault
  }
  const begun = performance.now()
  await runProjections({
    client,
    db,
    folders: foldersOn(db),
    signal: done.signal,
    observer: {
      wrote: (count, position) => {
        events += count
        if (position >= upTo) done.abort()
      },
      retried: fail,
      stopped: (_, fault) => fail(fault),
    },
  })
  const eventsPerSecond = events / ((performance.now() - begun) / 1_000)
  await mongo.close()
  await client.dispose()
  return { events, eventsPerSecond }
}
