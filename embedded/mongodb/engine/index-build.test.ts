import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../behaviour/server.ts'
import { toRaw, type Fields } from '../bson/codec.ts'
import { MongoError } from '../errors.ts'
import type { Collection } from './collection.ts'
import { IndexBuild } from './index-build.ts'
import { parseIndex } from './index-definition.ts'
import { decodeRecordNumber } from './record-number.ts'
import { Store } from './store.ts'

let directory: string
let store: Store
let things: Collection
let build: IndexBuild

/** Records 1 to 4, and a unique index of `n` in the making. */
beforeEach(async () => {
  directory = temporaryDirectory()
  store = new Store(directory, Date.now)
  await writing((collection) => [1, 2, 3, 4].forEach((n) => collection.insert(row(n, n))))
  things = store.catalog.ensure('t.things')
  const definition = parseIndex(toRaw({ name: 'by-n', key: { n: 1 }, unique: true }))
  build = new IndexBuild(things, store.catalog.newIndexes([definition]))
  things.builds.add(build)
})
afterEach(async () => {
  things.builds.delete(build)
  await store.close()
  rmSync(directory, { recursive: true })
})

const row = (_id: number, n: number): Buffer => toRaw({ _id, n } satisfies Fields)

function writing<T>(work: (collection: Collection) => T): Promise<T> {
  return store.write(['t.things'], ([collection]) => {
    if (collection === undefined) throw new Error('a collection that is written is there')
    return work(collection)
  })
}

const replace = (record: number, n: number): Promise<void> =>
  writing((collection) => {
    const old = collection.get(record)
    if (old) collection.replace(record, old, row(record, n))
  })

const readAll = (): Promise<boolean> => writing(() => build.read())
const writeAll = (): Promise<boolean> => writing(() => build.write())

/** The record of each entry, in the order of their keys. */
const entries = (): number[] =>
  build.indexes.flatMap(({ table }) => [...table.getRange()].map(({ value }) => decodeRecordNumber(value)))

test('what is written before it is read is read; what is written later is written into it', async () => {
  await replace(2, 20)
  await readAll()
  await replace(3, 30)
  await writing((collection) => collection.insert(row(5, 0)))
  await writeAll()
  expect(build.isComplete).toBe(true)
  expect(entries()).toEqual([5, 1, 4, 2, 3])
})

test('what is deleted between reading and writing has no entry', async () => {
  await readAll()
  await writing((collection) => collection.remove(1, row(1, 1)))
  await writeAll()
  expect(entries()).toEqual([2, 3, 4])
})

test('a value that one gives up and another takes meanwhile is that of the other', async () => {
  await readAll()
  await writing((collection) => collection.insert(row(5, 3)))
  await replace(3, 30)
  await writeAll()
  expect(() => build.check()).not.toThrow()
  expect(entries()).toEqual([1, 2, 5, 4, 3])
})

test('a value that two keep ends it', async () => {
  await readAll()
  await writing((collection) => collection.insert(row(5, 3)))
  await writeAll()
  expect(() => build.check()).toThrow(MongoError)
  expect(() => build.check()).toThrow(/E11000 .* by-n .* { n: 3 }/)
})

test('a transaction that is undone ends it, as what it read may never have been', async () => {
  const undone = store.change('t.things', () => {
    build.read()
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(() => build.check()).toThrow('a write that it shared was undone')
})
