import { UUID } from 'bson'
import { toRaw } from '../bson/codec.ts'
import { compileFilter } from '../engine/filter.ts'
import { rejectBadName } from '../engine/namespace.ts'
import { MongoError } from '../errors.ts'
import type { Commands } from './command.ts'
import { listing } from './listing.ts'
import { collectionOf, databaseOf, namespaceOf } from './namespace.ts'
import { ok } from './replies.ts'
import { sizesOf } from './statistics.ts'

export const collectionCommands: Commands = {
  create: async (args, context) => {
    const namespace = namespaceOf(context, args.string('create'))
    if (args.has('viewOn') || args.boolean('capped', false) || args.has('timeseries'))
      throw new MongoError('InvalidOptions', 'views, capped and time series collections are not supported')
    await context.store.definitions.create(namespace)
    return ok()
  },

  drop: async (args, { store, ...context }) => {
    const namespace = namespaceOf(context, args.string('drop'))
    const collection = await store.definitions.drop(namespace)
    return collection ? ok({ ns: namespace, nIndexesWas: collection.indexes.length + 1 }) : ok()
  },

  dropDatabase: async (_, { store, database }) => {
    for (const { namespace } of store.catalog.all())
      if (databaseOf(namespace) === database) await store.definitions.drop(namespace)
    return ok({ dropped: database })
  },

  renameCollection: async (args, { store, database }) => {
    if (database !== 'admin')
      throw new MongoError('Unauthorized', 'renameCollection may only be run against the admin database.')
    const [from, to] = [args.string('renameCollection'), args.string('to')]
    rejectBadName(from)
    rejectBadName(to)
    if (from === to) throw new MongoError('IllegalOperation', "Can't rename a collection to itself")
    await store.definitions.rename(from, to, args.boolean('dropTarget', false))
    return ok()
  },

  listCollections: (args, context) => {
    const filter = compileFilter(args.filter('filter'))
    const documents = context.store.catalog
      .all()
      .filter(({ namespace }) => databaseOf(namespace) === context.database)
      .map((collection) =>
        toRaw({
          name: collectionOf(collection.namespace),
          type: 'collection',
          options: {},
          info: { readOnly: false, uuid: new UUID(context.store.catalog.uuidOf(collection)) },
          idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
        }),
      )
      .filter((document) => filter.test(document))
    return listing(args, context, `${context.database}.$cmd.listCollections`, documents)
  },

  listDatabases: (args, { store }) => {
    const filter = compileFilter(args.filter('filter'))
    const found = new Map<string, { sizeOnDisk: number; empty: boolean }>()
    for (const collection of store.catalog.all()) {
      const name = databaseOf(collection.namespace)
      const { documents, indexes } = sizesOf(collection)
      const sizeOnDisk = Object.values(indexes).reduce((sum, size) => sum + size, documents)
      const before = found.get(name) ?? { sizeOnDisk: 0, empty: true }
      found.set(name, {
        sizeOnDisk: before.sizeOnDisk + sizeOnDisk,
        empty: before.empty && collection.count === 0,
      })
    }
    const databases = [...found]
      .map(([name, facts]) => ({ name, ...facts }))
      .filter((one) => filter.test(toRaw(one)))
    if (args.boolean('nameOnly', false)) return ok({ databases: databases.map(({ name }) => ({ name })) })
    const totalSize = databases.reduce((sum, { sizeOnDisk }) => sum + sizeOnDisk, 0)
    return ok({ databases, totalSize, totalSizeMb: Math.floor(totalSize / 1_048_576) })
  },
}
