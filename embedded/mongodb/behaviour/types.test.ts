import {
  Binary,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
  type Document,
} from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, testServer, untyped, type Thing } from './server.ts'

const server = testServer()
const decimal = (text: string): Decimal128 => Decimal128.fromString(text)
const long = (text: string): Long => Long.fromString(text)

/** Values in MongoDB's order. Those of one line are equal; those of one kind can be compared with each other. */
const lines: readonly { readonly kind: string; readonly values: readonly unknown[] }[] = [
  { kind: 'minKey', values: [new MinKey()] },
  { kind: 'null', values: [null] },
  { kind: 'nan', values: [new Double(NaN), decimal('NaN')] },
  { kind: 'number', values: [new Double(-Infinity), decimal('-Infinity')] },
  { kind: 'number', values: [new Int32(-7), new Double(-7), long('-7'), decimal('-7.0')] },
  { kind: 'number', values: [new Double(-0.5), decimal('-0.50')] },
  { kind: 'number', values: [new Int32(0), new Double(-0), decimal('0E+3')] },
  { kind: 'number', values: [decimal('0.1')] },
  // The double nearest to a tenth is a little more than that.
  { kind: 'number', values: [new Double(0.1)] },
  { kind: 'number', values: [new Int32(1), long('1'), new Double(1), decimal('1')] },
  { kind: 'number', values: [long('9007199254740992'), new Double(2 ** 53)] },
  { kind: 'number', values: [long('9007199254740993'), decimal('9007199254740993')] },
  { kind: 'number', values: [long('9223372036854775807')] },
  { kind: 'number', values: [new Double(1e300)] },
  { kind: 'number', values: [decimal('1E+6000')] },
  { kind: 'number', values: [new Double(Infinity), decimal('Infinity')] },
  { kind: 'string', values: [''] },
  { kind: 'string', values: ['Z'] },
  { kind: 'string', values: ['a'] },
  { kind: 'string', values: ['a\0'] },
  { kind: 'string', values: ['ab'] },
  { kind: 'string', values: ['ä'] },
  { kind: 'string', values: ['日本'] },
  { kind: 'object', values: [{}] },
  { kind: 'object', values: [{ a: new Int32(1) }, { a: new Double(1) }] },
  { kind: 'object', values: [{ a: 1, b: 0 }] },
  { kind: 'object', values: [{ a: 2 }] },
  { kind: 'object', values: [{ b: 1 }] },
  { kind: 'object', values: [{ a: 'text' }] },
  { kind: 'binary', values: [new Binary(Buffer.alloc(0))] },
  { kind: 'binary', values: [new Binary(Buffer.from([255]))] },
  { kind: 'binary', values: [new Binary(Buffer.from([0, 1]))] },
  { kind: 'binary', values: [new UUID('00000000-0000-4000-8000-000000000001')] },
  { kind: 'binary', values: [new UUID('ffffffff-0000-4000-8000-000000000001')] },
  { kind: 'objectId', values: [new ObjectId('000000000000000000000001')] },
  { kind: 'objectId', values: [new ObjectId('ff0000000000000000000000')] },
  { kind: 'boolean', values: [false] },
  { kind: 'boolean', values: [true] },
  { kind: 'date', values: [new Date(-1)] },
  { kind: 'date', values: [new Date(0)] },
  { kind: 'date', values: [new Date(1_700_000_000_000)] },
  { kind: 'timestamp', values: [new Timestamp({ t: 1, i: 2 })] },
  { kind: 'timestamp', values: [new Timestamp({ t: 2, i: 1 })] },
  { kind: 'regex', values: [/a/] },
  { kind: 'regex', values: [/b/i] },
  { kind: 'maxKey', values: [new MaxKey()] },
]

/** Each value as a document: its line is the `rank`. */
const documents = lines.flatMap(({ kind, values }, rank) => values.map((value) => ({ kind, rank, value })))
const missing = { kind: 'null', rank: 1 }

interface Row extends Document {
  readonly rank: number
}

const collectionOf = (name: string) => server().db.collection<Row>(name)
const ranksOf = async (name: string, filter: Document): Promise<number[]> =>
  (await collectionOf(name).find(untyped(filter)).toArray()).map(({ rank }) => rank).toSorted((a, b) => a - b)
const ranksWhere = (passes: (row: { kind: string; rank: number }) => boolean): number[] =>
  [...documents, missing]
    .filter(passes)
    .map(({ rank }) => rank)
    .toSorted((a, b) => a - b)

beforeAll(async () => {
  const scrambled = [...documents, missing].map((row, i) => ({ row, at: (i * 37) % 61 }))
  for (const name of ['plain', 'indexed', 'falling']) {
    const rows = scrambled.toSorted((a, b) => a.at - b.at).map(({ row }) => ({ ...row }))
    await collectionOf(name).insertMany(rows)
  }
  await collectionOf('indexed').createIndex({ value: 1 })
  await collectionOf('falling').createIndex({ value: -1, rank: 1 })
})

describe.each(['plain', 'indexed', 'falling'])('in the collection %s', (name) => {
  test.each([1, -1] as const)('all types sort in one order, %s', async (direction) => {
    const found = await collectionOf(name).find().sort({ value: direction }).toArray()
    const ranks = found.map(({ rank }) => rank)
    expect(ranks).toEqual(ranks.toSorted((a, b) => direction * (a - b)))
    expect(ranks).toHaveLength(documents.length + 1)
  })

  test.each(documents.filter(({ kind }) => kind !== 'regex'))(
    '$kind $rank ($value) is found by itself and its equals',
    async ({ kind, rank, value }) => {
      const equals = ranksWhere((row) => row.rank === rank)
      expect(await ranksOf(name, { value })).toEqual(equals)
      expect(await ranksOf(name, { value: { $in: [value, 'nobody'] } })).toEqual(equals)
      expect(await ranksOf(name, { value: { $ne: value } })).toEqual(ranksWhere((row) => row.rank !== rank))
      if (kind === 'minKey' || kind === 'maxKey') return
      const sameKind = (row: { kind: string }): boolean => row.kind === kind
      expect(await ranksOf(name, { value: { $gt: value } })).toEqual(
        ranksWhere((row) => sameKind(row) && row.rank > rank),
      )
      expect(await ranksOf(name, { value: { $gte: value } })).toEqual(
        ranksWhere((row) => sameKind(row) && row.rank >= rank),
      )
      expect(await ranksOf(name, { value: { $lt: value } })).toEqual(
        ranksWhere((row) => sameKind(row) && row.rank < rank),
      )
      expect(await ranksOf(name, { value: { $lte: value } })).toEqual(
        ranksWhere((row) => sameKind(row) && row.rank <= rank),
      )
    },
  )

  test('a missing field is found by null, and told apart by $exists and $type', async () => {
    expect(await ranksOf(name, { value: null })).toEqual([1, 1])
    expect(await ranksOf(name, { value: { $exists: false } })).toEqual([1])
    expect(await ranksOf(name, { value: { $type: 'null' } })).toEqual([1])
  })

  test('ranges stay within one kind', async () => {
    const finite = ranksWhere(({ kind, rank }) => kind === 'number' && rank > 3 && rank < 14)
    expect(await ranksOf(name, { value: { $gte: -1e308, $lte: 1e308 } })).toEqual(finite)
    expect(await ranksOf(name, { value: { $gte: '' } })).toEqual(ranksWhere(({ kind }) => kind === 'string'))
  })

  test('distinct and groups take equal values for one', async () => {
    expect(await collectionOf(name).distinct('value', { kind: 'number' })).toHaveLength(
      new Set(documents.filter(({ kind }) => kind === 'number').map(({ rank }) => rank)).size,
    )
    const groups = await collectionOf(name)
      .aggregate([{ $group: { _id: '$value', ranks: { $addToSet: '$rank' } } }])
      .toArray()
    expect(groups).toHaveLength(lines.length)
    for (const group of groups) expect(group['ranks']).toHaveLength(1)
  })
})

describe('arithmetic keeps to the types', () => {
  test.each<[string, unknown, Document, unknown]>([
    ['int and int', new Int32(1), { $inc: { v: new Int32(2) } }, new Int32(3)],
    ['int beyond its range', new Int32(2_147_483_647), { $inc: { v: new Int32(1) } }, long('2147483648')],
    ['int below its range', new Int32(-2_147_483_648), { $inc: { v: new Int32(-1) } }, long('-2147483649')],
    ['int and long', new Int32(1), { $inc: { v: long('1') } }, long('2')],
    ['long and int', long('9007199254740993'), { $inc: { v: new Int32(1) } }, long('9007199254740994')],
    ['int and double', new Int32(1), { $inc: { v: new Double(1) } }, new Double(2)],
    ['long and double', long('3'), { $inc: { v: new Double(0.5) } }, new Double(3.5)],
    ['int and decimal', new Int32(1), { $inc: { v: decimal('0.10') } }, decimal('1.10')],
    ['decimals', decimal('0.1'), { $inc: { v: decimal('0.2') } }, decimal('0.3')],
    [
      'decimals of 34 digits',
      decimal('1E+33'),
      { $inc: { v: decimal('0.1') } },
      decimal('1000000000000000000000000000000000'),
    ],
    ['decimal and infinity', decimal('1'), { $inc: { v: new Double(Infinity) } }, decimal('Infinity')],
    ['nothing and int', undefined, { $inc: { v: new Int32(5) } }, new Int32(5)],
    ['nothing and decimal', undefined, { $inc: { v: decimal('5.0') } }, decimal('5.0')],
    ['int times int', new Int32(3), { $mul: { v: new Int32(5) } }, new Int32(15)],
    [
      'int times int beyond its range',
      new Int32(65_536),
      { $mul: { v: new Int32(65_536) } },
      long('4294967296'),
    ],
    ['int times double', new Int32(3), { $mul: { v: new Double(0.5) } }, new Double(1.5)],
    ['decimal times int', decimal('1.5'), { $mul: { v: new Int32(3) } }, decimal('4.5')],
    ['nothing times int', undefined, { $mul: { v: new Int32(5) } }, new Int32(0)],
    ['nothing times long', undefined, { $mul: { v: long('5') } }, long('0')],
    ['nothing times double', undefined, { $mul: { v: new Double(5) } }, new Double(0)],
    ['the lesser of two types', 'text', { $min: { v: new Int32(5) } }, new Int32(5)],
    ['the greater of two types', 'text', { $max: { v: new Int32(5) } }, 'text'],
    ['the lesser of equals stays', new Int32(5), { $min: { v: new Double(5) } }, new Int32(5)],
    [
      'the greater of long and decimal',
      long('9007199254740993'),
      { $max: { v: decimal('9007199254740993.5') } },
      decimal('9007199254740993.5'),
    ],
    ['bits of an int', new Int32(0b1100), { $bit: { v: { and: new Int32(0b1010) } } }, new Int32(0b1000)],
    [
      'bits of an int with a long',
      new Int32(1),
      { $bit: { v: { or: long('4294967296') } } },
      long('4294967297'),
    ],
  ])('%s', async (_, v, update, expected) => {
    const things = server().db.collection<Thing>('arithmetic')
    await things.deleteMany({})
    await things.insertOne({ _id: 1, ...(v !== undefined && { v }) })
    await things.updateOne({ _id: 1 }, untyped(update))
    const found = await things.findOne({ _id: 1 }, { promoteValues: false })
    expect(found?.['v']).toEqual(expected)
  })

  test('another type of the same number is a change, the same type is none', async () => {
    const things = server().db.collection<Thing>('arithmetic')
    await things.deleteMany({})
    await things.insertOne({ _id: 1, v: new Int32(1) })
    const set = async (v: unknown) => (await things.updateOne({ _id: 1 }, { $set: { v } })).modifiedCount
    expect(await set(new Int32(1))).toBe(0)
    expect(await set(new Double(1))).toBe(1)
    expect(await set(new Double(1))).toBe(0)
  })

  test('beyond the range of a long there is nothing', async () => {
    const things = server().db.collection<Thing>('arithmetic')
    await things.deleteMany({})
    await things.insertOne({ _id: 1, v: long('9223372036854775807') })
    expect((await refusalOf(things.updateOne({ _id: 1 }, untyped({ $inc: { v: 1 } })))).code).toBe(2)
    expect((await refusalOf(things.updateOne({ _id: 1 }, untyped({ $mul: { v: 2 } })))).code).toBe(2)
  })

  test('sums and means of a group too', async () => {
    const things = server().db.collection<Thing>('sums')
    const values = [new Int32(2_147_483_647), new Int32(1), 'text']
    await things.insertMany(values.map((v, _id) => ({ _id, v, d: decimal('0.10') })))
    const [sums] = await things
      .aggregate([{ $group: { _id: null, v: { $sum: '$v' }, mean: { $avg: '$v' }, d: { $sum: '$d' } } }], {
        promoteValues: false,
      })
      .toArray()
    expect(sums).toEqual({
      _id: null,
      v: long('2147483648'),
      mean: new Double(1_073_741_824),
      d: decimal('0.30'),
    })
  })
})
