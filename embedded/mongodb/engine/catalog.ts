import { randomUUID } from 'node:crypto'
import { v5 as nameBased } from 'uuid'
import { z } from 'zod'
import { nested, toFields, toRaw } from '../bson/codec.ts'
import { ElementReader, fieldOf } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import { Collection, type Index } from './collection.ts'
import { entryCount, type Environment, type Table } from '../../lmdb/environment.ts'
import { idIndex, parseIndex, type IndexDefinition } from './index-definition.ts'
import { rejectBadName } from './namespace.ts'

const counterKey = Buffer.from('\0next')
const layoutKey = Buffer.from('\0layout')
const storeKey = Buffer.from('\0store')
/** Documents by record number. The one before, by `_id`, had no name. */
const layout = Buffer.from('records')
const entryShape = z.looseObject({
  id: z.number(),
  primary: z.number(),
  indexes: z.array(z.looseObject({ id: z.number(), multikey: z.boolean() })),
})

/**
 * Which collections and indexes there are, and in which tables. It is itself a table, so it changes with the data:
 * what `save` and `erase` write counts when the transaction is on disk, and is then made known in memory.
 */
export class Catalog {
  readonly #environment: Environment
  readonly #table: Table
  readonly #collections = new Map<string, Collection>()
  /** Names this directory among all others. */
  readonly #store: string
  #nextId = 1

  constructor(environment: Environment) {
    this.#environment = environment
    this.#table = environment.table('catalog')
    this.#checkLayout()
    this.#store = this.#storeId()
    this.#load()
  }

  get(namespace: string): Collection | undefined {
    return this.#collections.get(namespace)
  }

  all(): Collection[] {
    return [...this.#collections.values()].sort((a, b) => (a.namespace < b.namespace ? -1 : 1))
  }

  /** Makes the collection unless it is there; durable on return. Not inside of a transaction. */
  ensure(namespace: string): Collection {
    const there = this.#collections.get(namespace)
    if (there) return there
    rejectBadName(namespace)
    const collection = this.#open(this.#nextId++, this.#nextId++, namespace)
    this.#environment.commit(() => {
      this.save(collection)
      this.#saveCounter()
    })
    this.add(collection)
    return collection
  }

  /** Tables for new indexes, which no collection has yet. Not inside of a transaction. */
  newIndexes(definitions: readonly IndexDefinition[]): Index[] {
    const indexes = definitions.map((definition) => this.#index(this.#nextId++, definition))
    this.#environment.commit(() => this.#saveCounter())
    return indexes
  }

  /** The same documents and indexes under another name. */
  renamed({ id, documents, primary, indexes }: Collection, namespace: string): Collection {
    const collection = new Collection(id, namespace, documents, primary, this.#multikeyFound)
    collection.indexes = indexes
    return collection
  }

  /** What names the collection whatever it is called: no other one, of any directory, ever has the same. */
  uuidOf({ id }: Collection): string {
    return nameBased(String(id), this.#store)
  }

  add(collection: Collection): void {
    this.#collections.set(collection.namespace, collection)
  }

  forget(collection: Collection): void {
    this.#collections.delete(collection.namespace)
  }

  /** Writes what the catalog is to say of a collection; within a transaction. */
  save({ id, namespace, primary, indexes }: Collection, changed: readonly Index[] = indexes): void {
    const entries = changed.map((index) => ({
      id: index.id,
      multikey: index.multikey,
      spec: toFields(index.definition.spec),
    }))
    this.#table.putSync(Buffer.from(namespace), toRaw({ id, primary: primary.id, indexes: entries }))
  }

  /** Takes a collection out of the catalog; within a transaction. */
  erase({ namespace }: Collection): void {
    this.#table.removeSync(Buffer.from(namespace))
  }

  /** Forgets what memory learnt in a transaction that was undone: that an index met its first array. */
  restore(): void {
    for (const { namespace, indexes } of this.#collections.values()) {
      const entry = this.#table.getBinary(Buffer.from(namespace))
      if (entry === undefined) continue
      const saved = new Map(
        entryShape.parse(toFields(entry)).indexes.map(({ id, multikey }) => [id, multikey]),
      )
      for (const index of indexes) index.multikey = saved.get(index.id) ?? index.multikey
    }
  }

  /** Tables of collections and indexes whose making or dropping a crash cut short. */
  unknownTables(): Table[] {
    const known = new Set(['catalog'])
    for (const { id, primary, indexes } of this.#collections.values()) {
      known.add(`c${id}`)
      for (const index of [primary, ...indexes]) known.add(`i${index.id}`)
    }
    const names = this.#environment.tableNames().filter((name) => !known.has(name))
    return names.map((name) => this.#environment.table(name))
  }

  readonly #multikeyFound = (collection: Collection): void => this.save(collection)

  #saveCounter(): void {
    this.#table.putSync(counterKey, Buffer.from(String(this.#nextId)))
  }

  #open(id: number, primary: number, namespace: string): Collection {
    const documents = this.#environment.table(`c${id}`)
    return new Collection(id, namespace, documents, this.#index(primary, idIndex), this.#multikeyFound)
  }

  #index(id: number, definition: IndexDefinition, multikey = false): Index {
    return { id, definition, table: this.#environment.table(`i${id}`), multikey, dropped: false }
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

  #storeId(): string {
    const found = this.#table.getBinary(storeKey)?.toString()
    if (found !== undefined) return found
    const made = randomUUID()
    this.#environment.commit(() => this.#table.putSync(storeKey, Buffer.from(made)))
    return made
  }

  #load(): void {
    this.#nextId = Number(this.#table.getBinary(counterKey)?.toString() ?? 1)
    // Read to the end first: opening a table ends LMDB's current reads.
    const entries = [...this.#table.getRange()]
    for (const { key, value } of entries) {
      if (key[0] === 0) continue
      const entry = entryShape.parse(toFields(value))
      const collection = this.#open(entry.id, entry.primary, key.toString())
      const specs = indexSpecs(value)
      collection.indexes = entry.indexes.map(({ id, multikey }, i) =>
        this.#index(id, parseIndex(specs[i] ?? value), multikey),
      )
      this.add(collection)
    }
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
