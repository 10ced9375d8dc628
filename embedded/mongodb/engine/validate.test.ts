import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../behaviour/server.ts'
import { toRaw } from '../bson/codec.ts'
import type { Collection, Index } from './collection.ts'
import { parseIndex } from './index-definition.ts'
import { encodeRecordNumber } from './record-number.ts'
import { Store } from './store.ts'

let directory: string
let store: Store
let things: Collection

beforeEach(async () => {
  directory = temporaryDirectory()
  store = new Store(directory, Date.now)
  const keys = [
    { name: 'by-n', key: { n: 1 } },
    { name: 'by-code', key: { code: 1 }, unique: true },
    { name: 'by-tag', key: { tags: 1 } },
  ]
  await store.definitions.createIndexes('t.things', () => keys.map((key) => parseIndex(toRaw(key))))
  await store.write(['t.things'], ([collection]) => {
    for (let i = 0; i < 1_000; i++)
      collection?.insert(toRaw({ _id: i, n: i % 7, code: `c${i}`, tags: ['a', 'b'] }))
  })
  things = store.catalog.ensure('t.things')
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

test('a sound collection is valid, with as many keys as its documents have', async () => {
  const { records, keysPerIndex, errors } = await store.validate(things)
  expect(records).toBe(1_000)
  expect(keysPerIndex).toEqual({ _id_: 1_000, 'by-n': 1_000, 'by-code': 1_000, 'by-tag': 2_000 })
  expect(errors).toEqual([])
})

const named = (name: string): Index =>
  [things.primary, ...things.indexes].find(({ definition }) => definition.name === name) ?? things.primary

const firstKey = ({ table }: Index): Buffer => [...table.getKeys({ limit: 1 })][0] ?? Buffer.alloc(0)

test.each<[string, () => void, string | RegExp]>([
  [
    'a key is missing',
    () => named('by-n').table.removeSync(firstKey(named('by-n'))),
    /'by-n' lacks a key of record \d+/,
  ],
  [
    'a key belongs to nobody',
    () => named('by-tag').table.putSync(Buffer.from('stray'), Buffer.alloc(0)),
    "'by-tag' holds 2001 keys where the documents have 2000",
  ],
  [
    'an _id leads elsewhere',
    () => named('_id_').table.putSync(firstKey(named('_id_')), encodeRecordNumber(77)),
    "'_id_' lacks a key of record 1",
  ],
  [
    'a unique key leads elsewhere',
    () => named('by-code').table.putSync(firstKey(named('by-code')), encodeRecordNumber(77)),
    "'by-code' lacks a key of record 1",
  ],
  ['a document is gone', () => things.documents.removeSync(encodeRecordNumber(5)), "'by-n' holds 1000 keys"],
  [
    'a document is cut short',
    () => things.documents.putSync(encodeRecordNumber(5), toRaw({ _id: 4 }).subarray(0, 9)),
    /record 5: Invalid BSON/,
  ],
  [
    'arrays are not known of',
    () => {
      named('by-tag').multikey = false
    },
    "'by-tag' is not known to hold arrays",
  ],
])('it is told when %s', async (_, damage, told) => {
  await store.change('t.things', damage)
  const { errors } = await store.validate(things)
  expect(errors.join('\n')).toMatch(told)
})

test('it looks at one moment: what is written meanwhile is no error', async () => {
  const validating = store.validate(things)
  for (let i = 0; i < 20; i++)
    await store.write(['t.things'], ([collection]) => {
      collection?.insert(toRaw({ _id: 1_000 + i, n: 1, code: `c${1_000 + i}`, tags: ['c'] }))
      const record = i + 500
      const document = collection?.get(record)
      if (document) collection?.remove(record, document)
    })
  const { records, errors } = await validating
  expect(errors).toEqual([])
  expect(records).toBe(1_000)
})
