import { nested, toFields } from '../bson/codec.ts'
import { emptyDocument } from '../bson/document.ts'
import { fieldOf } from '../bson/element-reader.ts'
import type { Collection, Index } from '../engine/collection.ts'
import { idIndex, parseIndex, type IndexDefinition } from '../engine/index-definition.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { listing } from './listing.ts'
import { namespaceOf } from './namespace.ts'
import { ok } from './replies.ts'

export const indexCommands: Commands = {
  createIndexes: async (args, context) => {
    const namespace = namespaceOf(context, args.string('createIndexes'))
    const definitions = args.documents('indexes').map(parseIndex)
    const { before, after, madeCollection } = await context.store.definitions.createIndexes(
      namespace,
      (collection) => missingIn(collection, definitions),
    )
    return ok({
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: madeCollection,
      ...(after === before && { note: 'all indexes already exist' }),
    })
  },

  listIndexes: (args, context) => {
    const namespace = namespaceOf(context, args.string('listIndexes'))
    const collection = context.store.catalog.get(namespace)
    if (collection === undefined) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`)
    return listing(
      args,
      context,
      namespace,
      [idIndex, ...collection.indexes.map(({ definition }) => definition)].map(({ spec }) => spec),
    )
  },

  dropIndexes: async (args, context) => {
    const namespace = namespaceOf(context, args.string('dropIndexes'))
    const nIndexesWas = await context.store.definitions.dropIndexes(namespace, (collection) =>
      toDrop(collection, args),
    )
    return ok({ nIndexesWas })
  },
}

/** Those that are not there yet. Each is held against what is there and against those asked for with it. */
function missingIn(collection: Collection, wanted: readonly IndexDefinition[]): readonly IndexDefinition[] {
  const missing: IndexDefinition[] = []
  for (const definition of wanted) {
    const there = [...collection.indexes.map((index) => index.definition), ...missing]
    if (isNew(there, definition)) missing.push(definition)
  }
  return missing
}

/** False if the very same index is there; another one of the same name or keys is a conflict. */
function isNew(all: readonly IndexDefinition[], definition: IndexDefinition): boolean {
  if (keysAsText(definition) === keysAsText(idIndex)) return false
  for (const there of all) {
    if (there.spec.equals(definition.spec)) return false
    if (there.name === definition.name)
      throw new MongoError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index but differs: ${definition.name}`,
      )
    if (keysAsText(there) === keysAsText(definition) && samePartial(there, definition))
      throw new MongoError(
        'IndexOptionsConflict',
        `Index already exists with a different name: ${there.name}`,
      )
  }
  return true
}

function samePartial(a: IndexDefinition, b: IndexDefinition): boolean {
  return a.partial && b.partial ? a.partial.raw.equals(b.partial.raw) : a.partial === b.partial
}

function keysAsText({ spec }: IndexDefinition): string {
  const key = fieldOf(spec, 'key')
  return JSON.stringify(Object.entries(toFields(key ? nested(key) : emptyDocument)))
}

/** The indexes to drop; the building of such as are not ready yet ends here. */
function toDrop(collection: Collection, args: Arguments): readonly Index[] {
  const wanted = args.value('index')
  if (wanted === '*') {
    for (const build of collection.builds) build.fail(aborted('all indexes are dropped'))
    return collection.indexes
  }
  const names: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted]
  return names.flatMap((name) => {
    if (name === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index')
    const isWanted = ({ definition }: Index): boolean =>
      definition.name === name || sameKeys(definition, name)
    const index = collection.indexes.find(isWanted)
    if (index) return [index]
    const build = [...collection.builds].find(({ indexes }) => indexes.some(isWanted))
    if (build === undefined)
      throw new MongoError('IndexNotFound', `index not found with name [${String(name)}]`)
    build.fail(aborted(`index ${String(name)} is dropped`))
    return []
  })
}

function aborted(why: string): MongoError {
  return new MongoError('IndexBuildAborted', `Index build failed: ${why}`)
}

function sameKeys(definition: IndexDefinition, key: unknown): boolean {
  return (
    typeof key === 'object' && key !== null && JSON.stringify(Object.entries(key)) === keysAsText(definition)
  )
}
