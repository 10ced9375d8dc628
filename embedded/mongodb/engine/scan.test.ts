import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../behaviour/server.ts'
import { toRaw, type Fields } from '../bson/codec.ts'
import type { Collection } from './collection.ts'
import { compileFilter } from './filter.ts'
import { parseIndex } from './index-definition.ts'
import { planQuery } from './planner.ts'
import { Scan } from './scan.ts'
import { parseSort } from './sort.ts'
import { Store } from './store.ts'

const directory = temporaryDirectory()
const store = new Store(directory, Date.now)
let things: Collection

beforeAll(async () => {
  await store.write(['t.things'], ([collection]) => {
    for (let i = 0; i < 100; i++)
      collection?.insert(toRaw({ _id: i, n: i % 10, tags: i === 7 ? ['a', 'b', 'c'] : ['a'] }))
  })
  things = store.catalog.ensure('t.things')
  const keys = [{ n: 1 }, { tags: 1 }]
  await store.definitions.createIndexes('t.things', () =>
    keys.map((key) => parseIndex(toRaw({ name: JSON.stringify(key), key }))),
  )
})
afterAll(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

/** Runs the plan of a filter, up to `most` documents. */
function scanned(
  filter: Fields,
  { sort = {}, most = Infinity }: { sort?: Fields; most?: number } = {},
): Scan {
  const scan = new Scan(things, planQuery(things, compileFilter(toRaw(filter)), parseSort(toRaw(sort))))
  let taken = 0
  scan.run(() => ++taken < most)
  return scan
}

test.each<[string, () => Scan, number, number]>([
  ['the whole collection reads documents and no keys', () => scanned({}), 0, 100],
  ['an _id is one key and one document', () => scanned({ _id: 5 }), 1, 1],
  ['an _id that nobody has is neither', () => scanned({ _id: 500 }), 0, 0],
  ['an index reads a key for each document', () => scanned({ n: 3 }), 10, 10],
  ['what is not taken is not read', () => scanned({ n: 3 }, { sort: { n: -1 }, most: 4 }), 4, 4],
  ['a document of several keys is read once', () => scanned({ tags: { $gte: 'a' } }), 102, 100],
])('%s', (_, run, keys, documents) => {
  const scan = run()
  expect([scan.keysExamined, scan.documentsExamined]).toEqual([keys, documents])
})
