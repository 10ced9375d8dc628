import { hostname } from 'node:os'
import { Int32, Long } from 'bson'
import { sizeOf } from '../engine/environment.ts'
import { serverVersion, type Commands } from './command.ts'
import { databaseOf, namespaceOf } from './namespace.ts'
import { ok } from './replies.ts'

export const diagnosticCommands: Commands = {
  serverStatus: (_, { node, store }) => {
    const uptime = Date.now() - node.started.getTime()
    const { rss, heapUsed } = process.memoryUsage()
    return ok({
      host: `${hostname()}:${node.port}`,
      version: serverVersion,
      process: 'counterfoil-mongodb',
      pid: new Int32(process.pid),
      uptime: Math.floor(uptime / 1000),
      uptimeMillis: Long.fromNumber(uptime),
      localTime: new Date(),
      connections: { current: node.connections() },
      metrics: {
        cursor: { open: { total: store.cursors.open } },
        commands: Object.fromEntries(node.counters),
      },
      mem: { resident: Math.round(rss / 1_048_576), heap: Math.round(heapUsed / 1_048_576) },
      storageEngine: { name: 'lmdb', persistent: true },
    })
  },

  collStats: (args, context) => {
    const ns = namespaceOf(context, args.string('collStats'))
    const collection = context.store.catalog.get(ns)
    if (collection === undefined)
      return ok({ ns, count: 0, size: 0, storageSize: 0, nindexes: 0, totalIndexSize: 0, indexSizes: {} })
    const storageSize = sizeOf(collection.documents)
    const indexSizes = Object.fromEntries(
      collection.indexes.map(({ definition, table }) => [definition.name, sizeOf(table)]),
    )
    const totalIndexSize = Object.values(indexSizes).reduce((sum, size) => sum + size, 0)
    return ok({
      ns,
      count: collection.count,
      size: storageSize,
      storageSize,
      avgObjSize: collection.count === 0 ? 0 : Math.round(storageSize / collection.count),
      nindexes: collection.indexes.length + 1,
      totalIndexSize,
      indexSizes: { _id_: 0, ...indexSizes },
    })
  },

  dbStats: (_, { store, database }) => {
    const collections = store.catalog.all().filter(({ namespace }) => databaseOf(namespace) === database)
    return ok({
      db: database,
      collections: collections.length,
      objects: collections.reduce((sum, { count }) => sum + count, 0),
      dataSize: collections.reduce((sum, { documents }) => sum + sizeOf(documents), 0),
      indexes: collections.reduce((sum, { indexes }) => sum + indexes.length + 1, 0),
    })
  },
}
