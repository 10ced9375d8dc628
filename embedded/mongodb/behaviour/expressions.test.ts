import { Decimal128, Int32, Long, type Document } from 'mongodb'
import { expect, test } from 'vitest'
import { testServer } from './server.ts'

const server = testServer()

test('expressions that compare and count keep to the types', async () => {
  const exact = server().db.collection<Document & { _id: number }>('computed')
  await exact.insertOne({
    _id: 1,
    decimal: Decimal128.fromString('1.50'),
    long: Long.fromString('9007199254740993'),
    int: new Int32(2_147_483_647),
    at: new Date(1_000),
  })
  const project = {
    _id: 0,
    twice: { $multiply: ['$decimal', new Int32(2)] },
    more: { $add: ['$long', new Int32(1)] },
    wide: { $add: ['$int', new Int32(1)] },
    less: { $subtract: ['$long', '$int'] },
    later: { $add: ['$at', 500] },
    since: { $subtract: ['$at', new Date(400)] },
    greater: { $gt: ['$decimal', 1] },
    equal: { $eq: ['$long', Long.fromString('9007199254740992')] },
    nothing: { $add: ['$nowhere', 1] },
    either: { $cond: [{ $gte: ['$decimal', 1.5] }, '$long', 0] },
    other: { $ifNull: ['$nowhere', '$decimal'] },
  }
  const [found] = await exact.aggregate([{ $project: project }], { promoteValues: false }).toArray()
  expect(found).toEqual({
    twice: Decimal128.fromString('3.00'),
    more: Long.fromString('9007199254740994'),
    wide: Long.fromString('2147483648'),
    less: Long.fromString('9007197107257346'),
    later: new Date(1_500),
    since: Long.fromNumber(600),
    greater: true,
    equal: false,
    nothing: null,
    either: Long.fromString('9007199254740993'),
    other: Decimal128.fromString('1.50'),
  })
  expect(await exact.countDocuments({ $expr: { $gt: ['$decimal', { $subtract: ['$decimal', 1] }] } })).toBe(1)
})

test.each<[string, Document, unknown]>([
  ['nothing is less than everything', { $lt: ['$nowhere', null] }, true],
  ['types have an order', { $cmp: ['text', 5] }, 1],
  ['zero and null are false', { $or: [0, null, '$nowhere', false] }, false],
  ['a text is true', { $and: ['', 1] }, true],
  ['not', { $not: ['$nowhere'] }, true],
  ['a fraction stays one', { $divide: [1, 2] }, 0.5],
  ['texts', { $concat: ['a', 'b'] }, 'ab'],
  ['an array of expressions', [{ $add: [1, 1] }, '$_id'], [2, 1]],
  ['a document of expressions', { a: { $add: [1, 1] }, b: '$nowhere' }, { a: 2 }],
])('%s', async (_, expression, expected) => {
  const one = server().db.collection<Document & { _id: number }>('one')
  await one.replaceOne({ _id: 1 }, {}, { upsert: true })
  expect(await one.aggregate([{ $replaceWith: { value: expression } }]).toArray()).toEqual([
    { value: expected },
  ])
})
