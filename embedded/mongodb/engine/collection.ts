import { fieldOf } from '../bson/element-reader.ts'
import { BsonType, type RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { duplicateOf } from './duplicate-key.ts'
import { entryCount, type Table } from '../../lmdb/environment.ts'
import type { IndexBuild } from './index-build.ts'
import { idIndex, type IndexDefinition } from './index-definition.ts'
import { entryValue, keysOf } from './index-keys.ts'
import { encodeId } from './keys/encode.ts'
import { decodeRecordNumber, encodeRecordNumber } from './record-number.ts'

export const largestDocument = 16 * 1024 * 1024

/** An index with its table. `multikey` turns true with the first array and stays so: scans must then expect doubles. */
export interface Index {
  readonly id: number
  readonly definition: IndexDefinition
  readonly table: Table
  multikey: boolean
  /** Scans that are under way must end. */
  dropped: boolean
}

interface Change {
  readonly index: Index
  readonly keys: readonly Buffer[]
  readonly gone: readonly Buffer[]
  readonly multikey: boolean
}

/**
 * One collection: documents as BSON bytes by record number, the `_id` index that leads to them, and the other indexes.
 * All writing here happens inside of a transaction of the group commit; what can be refused is refused before the
 * first byte is written.
 */
export class Collection {
  readonly id: number
  readonly namespace: string
  readonly documents: Table
  readonly primary: Index
  indexes: readonly Index[] = []
  readonly builds = new Set<IndexBuild>()
  #ended: string | undefined
  readonly #multikeyFound: (collection: Collection) => void
  #nextRecord: number

  constructor(
    id: number,
    namespace: string,
    documents: Table,
    primary: Index,
    multikeyFound: (collection: Collection) => void,
  ) {
    this.id = id
    this.namespace = namespace
    this.documents = documents
    this.primary = primary
    this.#multikeyFound = multikeyFound
    const [last] = documents.getKeys({ reverse: true, limit: 1 })
    this.#nextRecord = last === undefined ? 1 : decodeRecordNumber(last) + 1
  }

  get count(): number {
    return entryCount(this.documents)
  }

  /** The number that the next document will have. */
  get nextRecord(): number {
    return this.#nextRecord
  }

  /** From now on whoever reads this object hears why the collection is not what it was. */
  end(reason: string): void {
    this.#ended = reason
    for (const build of this.builds)
      build.fail(new MongoError('IndexBuildAborted', `Index build failed: ${reason}`))
  }

  checkIsThere(): void {
    if (this.#ended !== undefined)
      throw new MongoError('QueryPlanKilled', `${this.#ended} while a query on ${this.namespace} was running`)
  }

  get(record: number): RawDocument | undefined {
    return this.documents.getBinary(encodeRecordNumber(record))
  }

  /** The record that has this encoded `_id`. */
  find(id: Buffer): number | undefined {
    const record = this.primary.table.getBinary(id)
    return record && decodeRecordNumber(record)
  }

  insert(document: RawDocument): void {
    checkSize(document)
    const id = idOf(document)
    if (this.primary.table.doesExist(id)) throw duplicateOf(this.namespace, idIndex, document, id)
    const record = encodeRecordNumber(this.#nextRecord)
    const changes = this.#changes(record, undefined, document)
    this.primary.table.putSync(id, record)
    this.documents.putSync(record, document, atTheEnd)
    this.#write(changes, record)
    for (const build of this.builds) build.follow(this.#nextRecord, record, undefined, document)
    this.#nextRecord++
  }

  /** `old` is the document that the record holds, of the same `_id`. */
  replace(number: number, old: RawDocument, document: RawDocument): void {
    checkSize(document)
    const record = encodeRecordNumber(number)
    const changes = this.#changes(record, old, document)
    this.documents.putSync(record, document)
    this.#write(changes, record)
    for (const build of this.builds) build.follow(number, record, old, document)
  }

  remove(number: number, old: RawDocument): void {
    const record = encodeRecordNumber(number)
    for (const { definition, table } of this.indexes)
      for (const key of keysOf(definition, old, record).keys) table.removeSync(key)
    this.primary.table.removeSync(idOf(old))
    this.documents.removeSync(record)
    for (const build of this.builds) build.follow(number, record, old, undefined)
  }

  /** What the indexes are to have and to lose; throws if they can't. */
  #changes(record: Buffer, old: RawDocument | undefined, document: RawDocument): Change[] {
    return this.indexes.map((index) => {
      const { keys, multikey } = keysOf(index.definition, document, record)
      const before = old === undefined ? [] : keysOf(index.definition, old, record).keys
      const added = keys.filter((key) => !has(before, key))
      if (index.definition.unique)
        for (const key of added)
          if (index.table.doesExist(key)) throw duplicateOf(this.namespace, index.definition, document, key)
      return { index, keys: added, gone: before.filter((key) => !has(keys, key)), multikey }
    })
  }

  #write(changes: readonly Change[], record: Buffer): void {
    for (const { index, keys, gone, multikey } of changes) {
      const value = entryValue(index.definition, record)
      for (const key of gone) index.table.removeSync(key)
      for (const key of keys) index.table.putSync(key, value)
      if (multikey && !index.multikey) {
        index.multikey = true
        this.#multikeyFound(this)
      }
    }
  }
}

/** Fills the last page of the table to its end instead of leaving half of each behind. */
const atTheEnd = { append: true }

function checkSize({ length }: RawDocument): void {
  if (length > largestDocument)
    throw new MongoError(
      'BSONObjectTooLarge',
      `BSONObj size: ${length} is invalid. Size must be between 0 and ${largestDocument}`,
    )
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
