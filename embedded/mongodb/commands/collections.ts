import { toRaw } from '../bson/codec.ts'
import { compileFilter } from '../engine/filter.ts'
import { listed } from '../engine/query.ts'
import { MongoError } from '../errors.ts'
import { entryCount } from '../engine/environment.ts'
import type { Commands } from './command.ts'
import { collectionOf, databaseOf, namespaceOf } from './namespace.ts'
import { cursorReply, ok } from './replies.ts'

export const collectionCommands: Commands = {
  create: (args, context) => {
    const namespace = namespaceOf(context, args.string('create'))
    if (args.has('viewOn') || args.boolean('capped', false) || args.has('timeseries'))
      throw new MongoError('InvalidOptions', 'views, capped and time series collections are not supported')
    if (context.store.catalog.get(namespace))
      throw new MongoError('NamespaceExists', `Collection ${namespace} already exists.`)
    context.store.catalog.ensure(namespace)
    return ok()
  },

  drop: (args, { store, ...context }) => {
    const namespace = namespaceOf(context, args.string('drop'))
    const collection = store.catalog.get(namespace)
    if (collection === undefined) return ok()
    store.cursors.forget(namespace)
    store.catalog.drop(collection)
    return ok({ ns: namespace, nIndexesWas: collection.indexes.length + 1 })
  },

  dropDatabase: (_, { store, database }) => {
    for (const collection of store.catalog.all())
      if (databaseOf(collection.namespace) === database) {
        store.cursors.forget(collection.namespace)
        store.catalog.drop(collection)
      }
    return ok({ dropped: database })
  },

  listCollections: (args, { store, database }) => {
    const filter = compileFilter(args.filter('filter'))
    const documents = store.catalog
      .all()
      .filter(({ namespace }) => databaseOf(namespace) === database)
      .map(({ namespace }) =>
        toRaw({
          name: collectionOf(namespace),
          type: 'collection',
          options: {},
          info: { readOnly: false },
          idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
        }),
      )
      .filter((document) => filter.test(document))
    const namespace = `${database}.$cmd.listCollections`
    const { id, batch } = store.cursors.start(
      { namespace, stream: listed(() => documents) },
      undefined,
      false,
    )
    return cursorReply('firstBatch', namespace, id, batch)
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
