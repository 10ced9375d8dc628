import { fieldOf } from '../bson/element-reader.ts'
import { toFields, toValue } from '../bson/codec.ts'
import { BsonType, type RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { entryCount, type Table } from './environment.ts'
import { fieldsOfKey, idOfKey, keysOf, type IndexDefinition, type IndexKeys } from './index-definition.ts'
import { afterPrefix, encodeId } from './keys/encode.ts'

export const largestDocument = 16 * 1024 * 1024
const noValue = Buffer.alloc(0)

/** An index with its table. `multikey` turns true with the first array and stays so: scans must then expect doubles. */
export interface Index {
  readonly id: number
  readonly definition: IndexDefinition
  readonly table: Table
  multikey: boolean
}

/**
 * One collection: documents as BSON bytes by encoded `_id`, and its indexes. All writing here happens inside of a
 * transaction of the group commit; what can be refused is refused before the first byte is written.
 */
export class Collection {
  readonly id: number
  readonly namespace: string
  readonly documents: Table
  indexes: readonly Index[] = []
  readonly #multikeyFound: () => void

  constructor(
    id: number,
    namespace: string,
    documents: Table,
    multikeyFound: (collection: Collection) => void,
  ) {
    this.id = id
    this.namespace = namespace
    this.documents = documents
    this.#multikeyFound = () => multikeyFound(this)
  }

  get count(): number {
    return entryCount(this.documents)
  }

  get(id: Buffer): RawDocument | undefined {
    return this.documents.getBinary(id)
  }

  insert(document: RawDocument): void {
    const id = idOf(document)
    if (this.documents.doesExist(id)) throw this.#duplicateId(document)
    this.#write(id, undefined, document)
  }

  replace(id: Buffer, old: RawDocument, document: RawDocument): void {
    this.#write(id, old, document)
  }

  remove(id: Buffer, old: RawDocument): void {
    for (const index of this.indexes)
      for (const key of keysOf(index.definition, old, id).keys) index.table.removeSync(key)
    this.documents.removeSync(id)
  }

  /** Adds the documents that are already there to a new index. */
  build(index: Index): void {
    for (const { key: id, value: document } of this.documents.getRange()) {
      const keys = keysOf(index.definition, document, id)
      this.#checkUnique(index, keys, id, document)
      for (const key of keys.keys) index.table.putSync(key, noValue)
      if (keys.multikey) index.multikey = true
    }
  }

  #write(id: Buffer, old: RawDocument | undefined, document: RawDocument): void {
    if (document.length > largestDocument)
      throw new MongoError(
        'BSONObjectTooLarge',
        `BSONObj size: ${document.length} is invalid. Size must be between 0 and ${largestDocument}`,
      )
    const changes = this.indexes.map((index) => {
      const keys = keysOf(index.definition, document, id)
      this.#checkUnique(index, keys, id, document)
      return { index, keys, gone: old === undefined ? [] : keysOf(index.definition, old, id).keys }
    })
    for (const { index, keys, gone } of changes) {
      for (const key of gone) if (!has(keys.keys, key)) index.table.removeSync(key)
      for (const key of keys.keys) if (!has(gone, key)) index.table.putSync(key, noValue)
      if (keys.multikey && !index.multikey) {
        index.multikey = true
        this.#multikeyFound()
      }
    }
    this.documents.putSync(id, document)
  }

  #checkUnique(index: Index, { keys }: IndexKeys, id: Buffer, document: RawDocument): void {
    if (!index.definition.unique) return
    for (const key of keys) {
      const start = fieldsOfKey(key)
      for (const other of index.table.getKeys({ start, end: afterPrefix(start), limit: 2 }))
        if (!idOfKey(index.definition, other).equals(id)) throw this.#duplicate(index.definition, document)
    }
  }

  #duplicateId(document: RawDocument): MongoError {
    const id = fieldOf(document, '_id')
    return duplicateKey(this.namespace, '_id_', { _id: 1 }, { _id: id && toValue(id) })
  }

  #duplicate({ name, fields }: IndexDefinition, document: RawDocument): MongoError {
    const pattern = Object.fromEntries(fields.map((field) => [field.name, field.descending ? -1 : 1]))
    const whole = toFields(document)
    const value = Object.fromEntries(fields.map((field) => [field.name, lookUp(whole, field.path) ?? null]))
    return duplicateKey(this.namespace, name, pattern, value)
  }
}

export function idOf(document: RawDocument): Buffer {
  const id = fieldOf(document, '_id')
  if (id === undefined) throw new MongoError('InvalidIdField', 'document without _id')
  if (id.type === BsonType.array || id.type === BsonType.regex || id.type === BsonType.undefined)
    throw new MongoError('InvalidIdField', "The '_id' value cannot be of type array, regex or undefined")
  return encodeId(id)
}

function has(keys: readonly Buffer[], key: Buffer): boolean {
  return keys.some((one) => one.equals(key))
}

function lookUp(value: unknown, [segment, ...rest]: readonly string[]): unknown {
  if (segment === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return lookUp(Reflect.get(value, segment), rest)
}

function duplicateKey(
  namespace: string,
  index: string,
  keyPattern: Record<string, unknown>,
  keyValue: Record<string, unknown>,
): MongoError {
  const shown = Object.entries(keyValue).map(([name, value]) => `${name}: ${shownValue(value)}`)
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: { ${shown.join(', ')} }`,
    { keyPattern, keyValue },
  )
}

function shownValue(value: unknown): string {
  return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? '') : JSON.stringify(value)
}
