import { describe, expect, test } from 'vitest'
import { refusalOf, testServer, type Thing } from './server.ts'

const server = testServer()
let collections = 0
const fresh = () => server().db.collection<Thing>(`indexes${++collections}`)

describe('the list of indexes', () => {
  test('grows and shrinks', async () => {
    const things = fresh()
    expect(await things.createIndex({ a: 1, b: -1 })).toBe('a_1_b_-1')
    expect(await things.createIndex({ a: 1, b: -1 })).toBe('a_1_b_-1')
    await things.createIndex({ c: 1 }, { unique: true, name: 'only-c' })
    expect(await things.indexes()).toMatchObject([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { a: 1, b: -1 }, name: 'a_1_b_-1' },
      { v: 2, key: { c: 1 }, name: 'only-c', unique: true },
    ])
    await things.dropIndex('a_1_b_-1')
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'only-c'])
    await things.dropIndexes()
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_'])
  })

  test('of a collection that is not there', async () => {
    expect((await refusalOf(server().db.command({ listIndexes: 'nowhere' }))).code).toBe(26)
  })

  test('an index that is not there', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1 })
    expect((await refusalOf(things.dropIndex('none'))).code).toBe(27)
  })

  test('the same name for other keys, the same keys by another name', async () => {
    const things = fresh()
    await things.createIndex({ a: 1 }, { name: 'x' })
    expect((await refusalOf(things.createIndex({ b: 1 }, { name: 'x' }))).code).toBe(86)
    expect((await refusalOf(things.createIndex({ a: 1 }, { name: 'y' }))).code).toBe(85)
  })
})

describe('a unique index', () => {
  test('refuses a second one, by insert, update and upsert', async () => {
    const things = fresh()
    await things.createIndex({ user: 1, 'card.number': 1 }, { unique: true })
    await things.insertMany([
      { _id: 1, user: 'u', card: { number: 1 } },
      { _id: 2, user: 'u', card: { number: 2 } },
    ])
    const duplicate = { keyPattern: { user: 1, 'card.number': 1 }, keyValue: { user: 'u', 'card.number': 1 } }
    const inserting = await refusalOf(things.insertOne({ _id: 3, user: 'u', card: { number: 1 } }))
    expect(inserting).toMatchObject({ code: 11000, response: duplicate })
    expect(inserting.message).toContain('E11000 duplicate key error collection: ')
    expect((await refusalOf(things.updateOne({ _id: 2 }, { $set: { 'card.number': 1 } }))).code).toBe(11000)
    expect(
      (await refusalOf(things.replaceOne({ _id: 9 }, { user: 'u', card: { number: 2 } }, { upsert: true })))
        .code,
    ).toBe(11000)
    expect(await things.countDocuments({ user: 'u' })).toBe(2)
  })

  test('lets a document be written again, and a freed value be taken', async () => {
    const things = fresh()
    await things.createIndex({ n: 1 }, { unique: true })
    await things.insertOne({ _id: 1, n: 1 })
    await things.replaceOne({ _id: 1 }, { n: 1, more: true })
    await things.updateOne({ _id: 1 }, { $set: { n: 2 } })
    await things.insertOne({ _id: 2, n: 1 })
    await things.deleteOne({ _id: 2 })
    await things.insertOne({ _id: 3, n: 1 })
    expect(await things.countDocuments()).toBe(2)
  })

  test('missing counts as null', async () => {
    const things = fresh()
    await things.createIndex({ n: 1 }, { unique: true })
    await things.insertOne({ _id: 1 })
    expect((await refusalOf(things.insertOne({ _id: 2, n: null }))).code).toBe(11000)
  })

  test('can not be made over duplicates', async () => {
    const things = fresh()
    await things.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 1 },
    ])
    expect((await refusalOf(things.createIndex({ n: 1 }, { unique: true }))).code).toBe(11000)
    expect(await things.indexes()).toHaveLength(1)
  })

  test('a partial one minds only its part', async () => {
    const things = fresh()
    await things.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { live: true } })
    await things.insertMany([
      { _id: 1, n: 1, live: true },
      { _id: 2, n: 1, live: false },
    ])
    expect((await refusalOf(things.insertOne({ _id: 3, n: 1, live: true }))).code).toBe(11000)
    expect(await things.find({ n: 1 }).toArray()).toHaveLength(2)
    expect(await things.find({ n: 1, live: true }).toArray()).toHaveLength(1)
  })
})

test('what several branches of an $or lead to is found once', async () => {
  const things = fresh()
  await things.createIndex({ a: 1 })
  await things.insertMany([1, 2, 3].map((_id) => ({ _id, a: 1, b: _id })))
  const found = await things
    .find({ $or: [{ a: 1, b: 1 }, { a: { $in: [1, 2] } }, { a: { $gt: 0 } }] })
    .toArray()
  expect(found.map(({ _id }) => _id)).toEqual([1, 2, 3])
})

test('two arrays can not be indexed together', async () => {
  const things = fresh()
  await things.createIndex({ a: 1, b: 1 })
  expect((await refusalOf(things.insertOne({ _id: 1, a: [1], b: [2] }))).code).toBe(171)
  expect(await things.countDocuments()).toBe(0)
})
