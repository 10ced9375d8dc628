import { z } from 'zod'
import { nested, toFields, toRaw } from '../bson/codec.ts'
import { ElementReader, fieldOf } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { Collection, type Index } from './collection.ts'
import { entryCount, type Environment, type Table } from './environment.ts'
import { buildIndex } from './index-build.ts'
import { idIndex, parseIndex, type IndexDefinition } from './index-definition.ts'

const counterKey = Buffer.from('\0next')
const layoutKey = Buffer.from('\0layout')
/** Documents by record number. The one before, by `_id`, had no name. */
const layout = Buffer.from('records')
const entryShape = z.looseObject({
  id: z.number(),
  primary: z.number(),
  indexes: z.array(z.looseObject({ id: z.number(), multikey: z.boolean() })),
})

/** Which collections and indexes there are, and in which tables. It is itself a table, so it changes with the data. */
export class Catalog {
  readonly #environment: Environment
  readonly #table: Table
  readonly #collections = new Map<string, Collection>()
  #nextId = 1

  constructor(environment: Environment) {
    this.#environment = environment
    this.#table = environment.table('catalog')
    this.#checkLayout()
    this.#load()
    this.#sweep()
  }

  get(namespace: string): Collection | undefined {
    return this.#collections.get(namespace)
  }

  all(): Collection[] {
    return [...this.#collections.values()].sort((a, b) => (a.namespace < b.namespace ? -1 : 1))
  }

  /** Makes the collection unless it is there; durable on return. */
  ensure(namespace: string): Collection {
    const there = this.#collections.get(namespace)
    if (there) return there
    rejectBadName(namespace)
    const collection = this.#open(this.#nextId++, this.#nextId++, namespace)
    this.#environment.commit(() => {
      this.#save(collection)
      this.#saveCounter()
    })
    this.#collections.set(namespace, collection)
    return collection
  }

  drop(collection: Collection): void {
    this.#environment.commit(() => this.#table.removeSync(Buffer.from(collection.namespace)))
    this.#collections.delete(collection.namespace)
    // A crash between these leaves tables that nobody knows; the next start sweeps them.
    for (const { table } of [collection.primary, ...collection.indexes]) table.dropSync()
    collection.documents.dropSync()
  }

  /** Builds the index over the documents that are there, and adds it, in one transaction. */
  createIndex(collection: Collection, definition: IndexDefinition): void {
    const index = this.#index(this.#nextId++, definition)
    const before = collection.indexes
    try {
      this.#environment.commit(() => {
        buildIndex(collection, index)
        collection.indexes = [...before, index]
        this.#save(collection)
        this.#saveCounter()
      })
    } catch (error) {
      collection.indexes = before
      index.table.dropSync()
      throw error
    }
  }

  dropIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter((one) => one !== index)
    this.#environment.commit(() => this.#save(collection))
    index.table.dropSync()
  }

  /** Writes every entry again: after a transaction was undone, what memory learnt in it (an index met its first array)
   * may not be on disk. */
  saveAll(): void {
    this.#environment.commit(() => {
      for (const collection of this.#collections.values()) this.#save(collection)
    })
  }

  #save({ id, namespace, primary, indexes: all }: Collection): void {
    const indexes = all.map(({ id, multikey, definition }) => ({
      id,
      multikey,
      spec: toFields(definition.spec),
    }))
    this.#table.putSync(Buffer.from(namespace), toRaw({ id, primary: primary.id, indexes }))
  }

  #saveCounter(): void {
    this.#table.putSync(counterKey, Buffer.from(String(this.#nextId)))
  }

  #open(id: number, primary: number, namespace: string): Collection {
    const documents = this.#environment.table(`c${id}`)
    return new Collection(id, namespace, documents, this.#index(primary, idIndex), (collection) =>
      this.#save(collection),
    )
  }

  #index(id: number, definition: IndexDefinition, multikey = false): Index {
    return { id, definition, table: this.#environment.table(`i${id}`), multikey }
  }

  #checkLayout(): void {
    const found = this.#table.getBinary(layoutKey)
    if (found?.equals(layout)) return
    if (found !== undefined || entryCount(this.#table) > 0)
      throw new Error(
        `directory ${this.#environment.directory} holds data in a layout that this version doesn't read` +
          ' (documents are now kept by record number). Read models can be made again from their events: delete' +
          ' the directory and start again',
      )
    this.#environment.commit(() => this.#table.putSync(layoutKey, layout))
  }

  #load(): void {
    this.#nextId = Number(this.#table.getBinary(counterKey)?.toString() ?? 1)
    for (const { key, value } of this.#table.getRange()) {
      if (key[0] === 0) continue
      const entry = entryShape.parse(toFields(value))
      const collection = this.#open(entry.id, entry.primary, key.toString())
      const specs = indexSpecs(value)
      collection.indexes = entry.indexes.map(({ id, multikey }, i) =>
        this.#index(id, parseIndex(specs[i] ?? value), multikey),
      )
      this.#collections.set(collection.namespace, collection)
    }
  }

  /** Drops the tables of collections and indexes whose making or dropping a crash cut short. */
  #sweep(): void {
    const known = new Set(['catalog'])
    for (const { id, primary, indexes } of this.#collections.values()) {
      known.add(`c${id}`)
      for (const index of [primary, ...indexes]) known.add(`i${index.id}`)
    }
    for (const name of this.#environment.tableNames())
      if (!known.has(name)) this.#environment.table(name).dropSync()
  }
}

function indexSpecs(entry: RawDocument): RawDocument[] {
  const indexes = fieldOf(entry, 'indexes')
  if (indexes === undefined) return []
  const specs: RawDocument[] = []
  const reader = new ElementReader(indexes.bytes, indexes.start)
  while (reader.next()) {
    const spec = fieldOf(nested(reader.value()), 'spec')
    if (spec) specs.push(nested(spec))
  }
  return specs
}

function rejectBadName(namespace: string): void {
  const dot = namespace.indexOf('.')
  const database = namespace.slice(0, dot)
  const collection = namespace.slice(dot + 1)
  const bad =
    dot <= 0 ||
    collection === '' ||
    collection.startsWith('.') ||
    collection.startsWith('system.') ||
    /[\0$]/.test(collection) ||
    /[\0/\\ "$]/.test(database) ||
    Buffer.byteLength(namespace) > 255
  if (bad) throw new MongoError('InvalidNamespace', `Invalid namespace specified '${namespace}'`)
}
