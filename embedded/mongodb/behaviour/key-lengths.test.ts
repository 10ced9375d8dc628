import { expect, test } from 'vitest'
import { refusalOf, testServer } from './server.ts'

/** Of this node only: MongoDB's keys have no limit of their own. */
const server = testServer()

/** A text takes three bytes more as a key. */
const longest = 'x'.repeat(1_970 - 3)

interface Row {
  _id: string
  a?: string
  b?: string
}

test('an _id and the fields of an index may be 1,970 bytes long as keys', async () => {
  const rows = server().db.collection<Row>('long')
  await rows.createIndex({ a: 1 })
  await rows.createIndex({ b: -1 }, { unique: true })
  await rows.insertOne({ _id: longest, a: longest, b: longest })
  expect(await rows.findOne({ _id: longest })).toMatchObject({ a: longest })
  expect(await rows.find({ a: longest }).toArray()).toHaveLength(1)
  expect((await refusalOf(rows.insertOne({ _id: 'other', b: longest }))).code).toBe(11000)
  expect(await server().db.command({ validate: 'long' })).toMatchObject({ valid: true })
})

test.each<[string, Row]>([
  ['_id', { _id: `${longest}x` }],
  ['field of an index', { _id: 'a', a: `${longest}x` }],
  ['field of a unique index', { _id: 'b', b: `${longest}x` }],
])('a longer %s is refused, and nothing of the document is kept', async (_, row) => {
  const rows = server().db.collection<Row>('too-long')
  await rows.createIndex({ a: 1 })
  await rows.createIndex({ b: -1 }, { unique: true })
  expect((await refusalOf(rows.insertOne(row))).code).toBe(17280)
  expect(await rows.countDocuments()).toBe(0)
  expect(await server().db.command({ validate: 'too-long' })).toMatchObject({ valid: true })
  await rows.drop()
})
