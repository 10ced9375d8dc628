import { EventStoreDBClient } from '@eventstore/db-client'
import { afterAll } from 'vitest'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'

/** An event store for one file of tests, and a client of it; both end with the file. */
export const startEventStore = async () => {
  const node = await EventStoreDBNode.start()
  const client = EventStoreDBClient.connectionString(node.connectionString)
  afterAll(async () => {
    await client.dispose()
    await node.stop()
  })
  return { node, client }
}
