import type { Document } from 'mongodb'
import { beforeAll, expect, test } from 'vitest'
import { refusalOf, testServer, untyped } from './server.ts'

const server = testServer()
const document = {
  _id: 1,
  name: 'Ada',
  age: 36,
  home: { city: 'Rome', zip: 1 },
  tags: ['a', 'b', 'c', 'd'],
  lines: [
    { sku: 'x', n: 1 },
    { sku: 'y', n: 2 },
    { sku: 'y', n: 3 },
  ],
}

beforeAll(async () => {
  await server().db.collection<Document & { _id: number }>('things').insertOne(document)
})

const shown = async (projection: Document, filter: Document = {}, options: Document = {}): Promise<unknown> =>
  server()
    .db.collection('things')
    .findOne(filter, { projection, ...options })

test.each<[string, Document, Document]>([
  ['some fields, and _id', { name: 1 }, { _id: 1, name: 'Ada' }],
  ['some fields without _id', { name: true, _id: 0 }, { name: 'Ada' }],
  ['only _id', { _id: 1 }, { _id: 1 }],
  ['all fields but some', { tags: 0, lines: 0, home: 0 }, { _id: 1, name: 'Ada', age: 36 }],
  ['a field of a document', { 'home.city': 1 }, { _id: 1, home: { city: 'Rome' } }],
  ['a document by its fields', { home: { zip: 1 }, _id: 0 }, { home: { zip: 1 } }],
  [
    'a field of each element',
    { 'lines.sku': 1, _id: 0 },
    { lines: [{ sku: 'x' }, { sku: 'y' }, { sku: 'y' }] },
  ],
  ['a field that is not there', { nowhere: 1, 'home.nowhere': 1 }, { _id: 1, home: {} }],
  ['the first elements', { tags: { $slice: 2 }, _id: 1, name: 1 }, { _id: 1, name: 'Ada', tags: ['a', 'b'] }],
  ['the last elements', { tags: { $slice: -1 }, name: 1 }, { _id: 1, name: 'Ada', tags: ['d'] }],
  [
    'elements from the middle',
    { tags: { $slice: [1, 2] }, name: 1 },
    { _id: 1, name: 'Ada', tags: ['b', 'c'] },
  ],
  [
    'the first element that matches',
    { lines: { $elemMatch: { sku: 'y' } } },
    { _id: 1, lines: [{ sku: 'y', n: 2 }] },
  ],
  ['no element that matches', { lines: { $elemMatch: { sku: 'z' } } }, { _id: 1 }],
  ['an expression', { _id: 0, twice: { $multiply: ['$age', 2] } }, { twice: 72 }],
  ['another field', { _id: 0, who: '$name' }, { who: 'Ada' }],
])('%s', async (_, projection, expected) => {
  expect(await shown(projection)).toEqual(expected)
})

test('a slice alone leaves the other fields', async () => {
  expect(await shown({ tags: { $slice: 1 } })).toEqual({ ...document, tags: ['a'] })
})

test('the element that the filter has found', async () => {
  expect(await shown({ 'lines.$': 1 }, { 'lines.n': { $gt: 1 } })).toEqual({
    _id: 1,
    lines: [{ sku: 'y', n: 2 }],
  })
  expect(await shown({ 'tags.$': 1 }, { tags: 'c' })).toEqual({ _id: 1, tags: ['c'] })
  const each = { lines: { $elemMatch: { sku: 'y', n: { $gt: 2 } } } }
  expect(await shown({ 'lines.$': 1 }, each)).toEqual({ _id: 1, lines: [{ sku: 'y', n: 3 }] })
})

test('a variable of the command', async () => {
  expect(await shown({ _id: 0, older: { $add: ['$age', '$$years'] } }, {}, { let: { years: 4 } })).toEqual({
    older: 40,
  })
})

test('of what find and modify answers', async () => {
  const things = server().db.collection('things')
  const answer = await things.findOneAndUpdate(
    { name: 'Ada' },
    { $set: { seen: 1 } },
    { projection: { seen: 1 }, returnDocument: 'after' },
  )
  expect(answer).toEqual({ _id: 1, seen: 1 })
})

test.each<[string, Document, number]>([
  ['a slice of nothing', { tags: { $slice: [1, 0] } }, 28724],
  ['an empty document', { home: {} }, 51270],
  ['an expression among what is dropped', { tags: 0, twice: { $multiply: ['$age', 2] } }, 31252],
  ['an operator as a field', { $name: 1 }, 16410],
])('%s is refused', async (_, projection, code) => {
  expect(
    (await refusalOf(server().db.collection('things').find().project(untyped(projection)).toArray())).code,
  ).toBe(code)
})
