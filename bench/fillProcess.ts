import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { eventStoreClient } from '../service/clients.ts'
import { parseConfig, settings } from '../service/config.ts'
import { fill } from './fill/fill.ts'

/** Fills a log with customers of its own, and tells who started it how far it is, and at last with what. */
const count = z.string().regex(/^\d+$/, 'must be a number').transform(Number)
const { EVENTSTORE_URL, SEED, ORDERS, EVENTS } = parseConfig(
  z.object({
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    SEED: count,
    ORDERS: count.default(0),
    EVENTS: count.default(0),
  }),
  process.env,
)

const client = eventStoreClient(EVENTSTORE_URL, 'fill')
const filled = await fill({
  client,
  until: ORDERS > 0 ? { orders: ORDERS } : { events: EVENTS },
  seed: SEED,
  now: () => new Date(),
  newId: randomUUID,
  progress: (events) => process.send?.({ events }),
})
process.send?.({ filled })
await client.dispose()
