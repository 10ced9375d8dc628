import type { Fields } from '../bson/codec.ts'
import type { Collection } from '../engine/collection.ts'
import { sizeOf } from '../../lmdb/environment.ts'
import type { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { databaseOf, namespaceOf } from './namespace.ts'
import { ok } from './replies.ts'
import { kinds } from './usage.ts'

export const statisticsCommands: Commands = {
  collStats: (args, context) => {
    const ns = namespaceOf(context, args.string('collStats'))
    return ok({ ns, ...statisticsOf(context.store.catalog.get(ns), scaleOf(args)) })
  },

  dbStats: (args, { store, database }) => {
    const scale = scaleOf(args)
    const all = store.catalog.all().filter(({ namespace }) => databaseOf(namespace) === database)
    const sizes = all.map((collection) => sizesOf(collection))
    const objects = sum(all.map(({ count }) => count))
    const dataSize = sum(sizes.map(({ documents }) => documents))
    const indexSize = sum(sizes.map(({ indexes }) => sum(Object.values(indexes))))
    return ok({
      db: database,
      collections: all.length,
      views: 0,
      objects,
      avgObjSize: objects === 0 ? 0 : dataSize / objects,
      dataSize: dataSize / scale,
      storageSize: dataSize / scale,
      indexes: sum(all.map(({ indexes }) => indexes.length + 1)),
      indexSize: indexSize / scale,
      totalSize: (dataSize + indexSize) / scale,
      scaleFactor: scale,
    })
  },

  top: (_, { node }) => {
    const totals: Fields = { note: 'all times in microseconds' }
    for (const [namespace, shares] of node.usage.top()) {
      const share = (kind: (typeof kinds)[number]) => shares.get(kind) ?? { time: 0, count: 0 }
      const whole = kinds.map(share)
      const total = { time: sum(whole.map(({ time }) => time)), count: sum(whole.map(({ count }) => count)) }
      totals[namespace] = { total, ...Object.fromEntries(kinds.map((kind) => [kind, share(kind)])) }
    }
    return ok({ totals })
  },
}

/** What collStats and the stage `$collStats` say of a collection; zeros if it isn't there. */
export function statisticsOf(collection: Collection | undefined, scale: number): Fields {
  const { documents, indexes } = collection ? sizesOf(collection) : { documents: 0, indexes: {} }
  const count = collection?.count ?? 0
  const totalIndexSize = sum(Object.values(indexes))
  return {
    size: documents / scale,
    count,
    ...(count > 0 && { avgObjSize: Math.round(documents / count) }),
    numOrphanDocs: 0,
    storageSize: documents / scale,
    freeStorageSize: 0,
    capped: false,
    nindexes: Object.keys(indexes).length,
    indexBuilds: [],
    totalIndexSize: totalIndexSize / scale,
    totalSize: (documents + totalIndexSize) / scale,
    indexSizes: Object.fromEntries(Object.entries(indexes).map(([name, size]) => [name, size / scale])),
    scaleFactor: scale,
  }
}

/** In bytes of the pages that hold them: what LMDB stores is not compressed. */
export function sizesOf(collection: Collection): { documents: number; indexes: Record<string, number> } {
  return {
    documents: sizeOf(collection.documents),
    indexes: Object.fromEntries(
      [collection.primary, ...collection.indexes].map(({ definition, table }) => [
        definition.name,
        sizeOf(table),
      ]),
    ),
  }
}

function scaleOf(args: Arguments): number {
  const scale = Math.trunc(args.optionalNumber('scale') ?? 1)
  return scale > 0 ? scale : 1
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
