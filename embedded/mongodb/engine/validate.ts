import { assertWellFormed } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import type { Collection, Index } from './collection.ts'
import type { Snapshot, Table } from '../../lmdb/environment.ts'
import { entryValue, keysOf } from './index-keys.ts'
import { decodeRecordNumber, recordNumberSize } from './record-number.ts'

const entriesPerTurn = 200
/** What is wrong is mostly wrong many times over. */
const mostErrors = 100

export interface Validation {
  readonly records: number
  readonly invalidDocuments: number
  readonly keysPerIndex: Readonly<Record<string, number>>
  /** By the name of the index. */
  readonly indexErrors: Readonly<Record<string, readonly string[]>>
  readonly errors: readonly string[]
}

/**
 * Looks at every document and every index entry: each document must be readable and have exactly its keys in each index.
 * Each key that must be there is looked up; if there are no more entries than that, there are no others.
 */
export async function validate(collection: Collection, snapshot: Snapshot): Promise<Validation> {
  const indexes = [collection.primary, ...collection.indexes].map((index) => new IndexCheck(index, snapshot))
  const errors: string[] = []
  let records = 0
  let invalidDocuments = 0
  await each(collection, collection.documents, snapshot, (record, document) => {
    records++
    const wrong = documentError(record, document)
    if (wrong === undefined) for (const index of indexes) index.expect(document, record)
    else {
      invalidDocuments++
      if (errors.length < mostErrors) errors.push(wrong)
    }
  })
  for (const index of indexes)
    await each(collection, index.table, snapshot, () => {
      index.entries++
    })
  for (const index of indexes) index.compare()
  return {
    records,
    invalidDocuments,
    keysPerIndex: Object.fromEntries(indexes.map(({ name, entries }) => [name, entries])),
    indexErrors: Object.fromEntries(indexes.map((index) => [index.name, index.errors])),
    errors: [...errors, ...indexes.flatMap((index) => index.errors)],
  }
}

/** What a document calls for in one index, against what is there. */
class IndexCheck {
  readonly name: string
  readonly table: Table
  readonly errors: string[] = []
  entries = 0
  #expected = 0
  readonly #index: Index
  readonly #snapshot: Snapshot

  constructor(index: Index, snapshot: Snapshot) {
    this.name = index.definition.name
    this.table = index.table
    this.#index = index
    this.#snapshot = snapshot
  }

  expect(document: RawDocument, record: Buffer): void {
    const { definition, multikey } = this.#index
    const wanted = keysOf(definition, document, record)
    const value = entryValue(definition, record)
    for (const key of wanted.keys) {
      this.#expected++
      const there = this.table.get(key, { transaction: this.#snapshot.transaction })
      if (!there?.equals(value)) this.#wrong(`lacks a key of record ${decodeRecordNumber(record)}`)
    }
    if (wanted.multikey && !multikey)
      this.#wrong(`is not known to hold arrays, as record ${decodeRecordNumber(record)} does`)
  }

  compare(): void {
    if (this.entries !== this.#expected)
      this.#wrong(`holds ${this.entries} keys where the documents have ${this.#expected}`)
  }

  #wrong(what: string): void {
    if (this.errors.length < mostErrors) this.errors.push(`index '${this.name}' ${what}`)
  }
}

function documentError(record: Buffer, document: RawDocument): string | undefined {
  if (record.length !== recordNumberSize) return `a record has the key ${record.toString('hex')}`
  try {
    assertWellFormed(document)
    return undefined
  } catch (error) {
    return `record ${decodeRecordNumber(record)}: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Goes over a table as the snapshot has it, with turns for others in between. */
async function each(
  collection: Collection,
  table: Table,
  { transaction }: Snapshot,
  visit: (key: Buffer, value: Buffer) => void,
): Promise<void> {
  let seen = 0
  for (const { key, value } of table.getRange({ transaction })) {
    visit(key, value)
    if (++seen % entriesPerTurn !== 0) continue
    await new Promise((resolve) => setImmediate(resolve))
    collection.checkIsThere()
  }
}
