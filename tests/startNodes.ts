import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'

/** Both embedded nodes, with data of their own that goes when they stop. */
export const startNodes = async () => {
  const [events, documents] = await Promise.all([EventStoreDBNode.start(), MongoDBNode.start()])
  return {
    events: events.connectionString,
    documents: documents.connectionString,
    stop: async () => {
      await events.stop()
      await documents.stop()
    },
  }
}
