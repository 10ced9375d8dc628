import { z } from 'zod'
import { eventStoreClient, mongoClient } from '../service/clients.ts'
import { parseConfig, settings } from '../service/config.ts'
import { rebuild } from './rebuild.ts'

/** A rebuild as a process of its own, as in production; tells who started it how far it is. */
const { EVENTSTORE_URL, MONGODB_URL, MONGODB_DATABASE, UP_TO, ONLY } = parseConfig(
  z.object({
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    MONGODB_URL: settings.MONGODB_URL,
    MONGODB_DATABASE: settings.MONGODB_DATABASE,
    UP_TO: z.string().regex(/^\d+$/, 'must be a position of the log').transform(BigInt),
    ONLY: z.string().optional(),
  }),
  process.env,
)

const client = eventStoreClient(EVENTSTORE_URL, 'rebuild')
const mongo = mongoClient(MONGODB_URL, 'rebuild')
const begun = performance.now()
let events = 0
await rebuild({
  client,
  db: mongo.db(MONGODB_DATABASE),
  upTo: UP_TO,
  only: ONLY?.split(','),
  wrote: (count) => {
    events += count
    process.send?.({ events, ms: performance.now() - begun })
  },
})
// The indexes are there, too.
process.send?.({ events, ms: performance.now() - begun })
await mongo.close()
await client.dispose()
