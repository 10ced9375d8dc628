import { UUID } from 'bson'
import { toRaw } from '../bson/codec.ts'
import { compileFilter } from '../engine/filter.ts'
import { rejectBadName } from '../engine/namespace.ts'
import { entryCount } from '../engine/environment.ts'
import { MongoError } from '../errors.ts'
import type { Commands } from './command.ts'
import { listing } from './listing.ts'
import { collectionOf, databaseOf, namespaceOf } from './namespace.ts'
import { ok } from './replies.ts'

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
    const entries = new Map<string, number>()
    for (const { namespace, documents } of store.catalog.all())
      entries.set(databaseOf(namespace), (entries.get(databaseOf(namespace)) ?? 0) + entryCount(documents))
    const databases = [...entries]
      .map(([name, count]) => ({ name, sizeOnDisk: 0, empty: count === 0 }))
      .filter((database) => filter.test(toRaw(database)))
    return ok({ databases, totalSize: 0, totalSizeMb: 0 })
  },
}
