import { z } from 'zod'
import { nested, toFields, toRaw } from '../bson/codec.ts'
import { ElementReader, fieldOf } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { Collection, type Index } from './collection.ts'
import type { Environment, Table } from './environment.ts'
import { parseIndex, type IndexDefinition } from './index-definition.ts'

const counterKey = Buffer.from('\0next')
const entryShape = z.looseObject({
  id: z.number(),
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
    const id = this.#nextId++
    const collection = this.#open(id, namespace)
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
    for (const index of collection.indexes) index.table.dropSync()
    collection.documents.dropSync()
  }

  /** Builds the index over the documents that are there, and adds it, in one transaction. */
  createIndex(collection: Collection, definition: IndexDefinition): void {
    const id = this.#nextId++
    const index: Index = { id, definition, table: this.#environment.table(`i${id}`), multikey: false }
    const before = collection.indexes
    try {
      this.#environment.commit(() => {
        collection.build(index)
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

  #save(collection: Collection): void {
    const indexes = collection.indexes.map(({ id, multikey, definition }) => ({
      id,
      multikey,
      spec: toFields(definition.spec),
    }))
    this.#table.putSync(Buffer.from(collection.namespace), toRaw({ id: collection.id, indexes }))
  }

  #saveCounter(): void {
    this.#table.putSync(counterKey, Buffer.from(String(this.#nextId)))
  }

  #open(id: number, namespace: string): Collection {
    return new Collection(id, namespace, this.#environment.table(`c${id}`), (collection) =>
      this.#save(collection),
    )
  }

  #load(): void {
    this.#nextId = Number(this.#table.getBinary(counterKey)?.toString() ?? 1)
    for (const { key, value } of this.#table.getRange()) {
      if (key.equals(counterKey)) continue
      const entry = entryShape.parse(toFields(value))
      const collection = this.#open(entry.id, key.toString())
      const specs = indexSpecs(value)
      collection.indexes = entry.indexes.map(({ id, multikey }, i) => ({
        id,
        multikey,
        definition: parseIndex(specs[i] ?? value),
        table: this.#environment.table(`i${id}`),
      }))
      this.#collections.set(collection.namespace, collection)
    }
  }

  /** Drops the tables of collections and indexes whose making or dropping a crash cut short. */
  #sweep(): void {
    const known = new Set(['catalog'])
    for (const { id, indexes } of this.#collections.values()) {
      known.add(`c${id}`)
      for (const index of indexes) known.add(`i${index.id}`)
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
