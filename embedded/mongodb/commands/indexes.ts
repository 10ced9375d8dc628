import { nested, toFields, toRaw } from '../bson/codec.ts'
import { emptyDocument } from '../bson/document.ts'
import { fieldOf } from '../bson/element-reader.ts'
import type { Collection, Index } from '../engine/collection.ts'
import { parseIndex, type IndexDefinition } from '../engine/index-definition.ts'
import { listed } from '../engine/query.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Commands, Context } from './command.ts'
import { namespaceOf } from './namespace.ts'
import { cursorReply, ok } from './replies.ts'

const idIndex = toRaw({ v: 2, key: { _id: 1 }, name: '_id_' })

export const indexCommands: Commands = {
  createIndexes: (args, context) => {
    const namespace = namespaceOf(context, args.string('createIndexes'))
    const definitions = args.documents('indexes').map(parseIndex)
    const createdCollectionAutomatically = context.store.catalog.get(namespace) === undefined
    const collection = context.store.catalog.ensure(namespace)
    const numIndexesBefore = collection.indexes.length + 1
    for (const definition of definitions)
      if (isNew(collection, definition)) context.store.catalog.createIndex(collection, definition)
    const numIndexesAfter = collection.indexes.length + 1
    return ok({
      numIndexesBefore,
      numIndexesAfter,
      createdCollectionAutomatically,
      ...(numIndexesAfter === numIndexesBefore && { note: 'all indexes already exist' }),
    })
  },

  listIndexes: (args, context) => {
    const namespace = namespaceOf(context, args.string('listIndexes'))
    const collection = existing(context, namespace)
    const specs = [idIndex, ...collection.indexes.map(({ definition }) => definition.spec)]
    const { id, batch } = context.store.cursors.start(
      { namespace, stream: listed(() => specs) },
      undefined,
      false,
    )
    return cursorReply('firstBatch', namespace, id, batch)
  },

  dropIndexes: (args, context) => {
    const collection = existing(context, namespaceOf(context, args.string('dropIndexes')))
    const nIndexesWas = collection.indexes.length + 1
    // A cursor may be in the middle of the index that goes.
    context.store.cursors.forget(collection.namespace)
    for (const index of indexesToDrop(collection, args)) context.store.catalog.dropIndex(collection, index)
    return ok({ nIndexesWas })
  },
}

function existing({ store }: Context, namespace: string): Collection {
  const collection = store.catalog.get(namespace)
  if (collection === undefined) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`)
  return collection
}

/** False if the very same index is there; another one of the same name or keys is a conflict. */
function isNew(collection: Collection, definition: IndexDefinition): boolean {
  const isIdIndex = definition.fields.length === 1 && definition.fields[0]?.name === '_id'
  if (isIdIndex) return false
  for (const { definition: there } of collection.indexes) {
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

function indexesToDrop(collection: Collection, args: Arguments): readonly Index[] {
  const wanted = args.value('index')
  if (wanted === '*') return collection.indexes
  const names = Array.isArray(wanted) ? wanted : [wanted]
  return names.map((name) => {
    if (name === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index')
    const index = collection.indexes.find(
      ({ definition }) => definition.name === name || sameKeys(definition, name),
    )
    if (index === undefined)
      throw new MongoError('IndexNotFound', `index not found with name [${String(name)}]`)
    return index
  })
}

function sameKeys(definition: IndexDefinition, key: unknown): boolean {
  return (
    typeof key === 'object' && key !== null && JSON.stringify(Object.entries(key)) === keysAsText(definition)
  )
}
