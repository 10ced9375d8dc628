import fc from 'fast-check'

/** A document of the model: plain JavaScript values only. */
export interface Row {
  _id: number
  [field: string]: unknown
}

export type Fields = Record<string, unknown>

const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c') },
  fc.boolean(),
)
export const small = fc.oneof({ weight: 6, arbitrary: scalar }, fc.constant(null))
const field = fc.oneof(
  { weight: 5, arbitrary: small },
  { weight: 1, arbitrary: fc.array(small, { maxLength: 3 }) },
)

const often = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 'a') }, small)

export const row: fc.Arbitrary<Fields> = fc.record(
  {
    a: field,
    b: small,
    c: fc.record({ d: field }, { requiredKeys: [] }),
    list: fc.array(often, { maxLength: 3, size: 'max' }),
  },
  { requiredKeys: [] },
)
export const id = fc.integer({ min: 0, max: 15 })

const condition: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: small },
  fc.record({ $in: fc.array(small, { maxLength: 3 }) }),
  fc.record({ $nin: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
  fc.record({ $gt: scalar }),
  fc.record({ $gte: scalar, $lt: scalar }),
  fc.record({ $lte: scalar }),
  fc.record({ $ne: small }),
  fc.record({ $exists: fc.boolean() }),
  fc.record({ $not: fc.record({ $gte: scalar }) }),
  fc.record({ $all: fc.array(scalar, { minLength: 1, maxLength: 2 }) }),
  fc.record({ $size: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    $elemMatch: fc.record({ $gte: fc.integer({ min: 0, max: 5 }), $lte: fc.integer({ min: 0, max: 5 }) }),
  }),
  fc.record({ $type: fc.constantFrom('number', 'string', 'bool', 'array', 'null') }),
)
const number = fc.integer({ min: 0, max: 5 })
const range = fc.oneof(
  fc.record({ $gt: number }),
  fc.record({ $lt: number }),
  fc.record({ $gte: number, $lte: number }),
  fc.record({ $gt: number, $lt: number }),
)
const fields: fc.Arbitrary<Fields> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c.d', 'list', '_id'),
  condition,
  {
    maxKeys: 3,
  },
)
export const filter: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 5, arbitrary: fields },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'b', 'c.d', 'list'), range)
      .map(([name, one]) => ({ [name]: one })),
  },
  fc.tuple(fields, fields).map(($or) => ({ $or })),
  fc.tuple(fields, fields, fields).map(([own, ...$or]) => ({ ...own, $or })),
  fc.tuple(fields, fields).map(($nor) => ({ $nor })),
  fc.tuple(fields, fields).map(($and) => ({ $and })),
)

const direction = fc.constantFrom<1 | -1>(1, -1)
export const byId = direction.map((_id) => ({ _id }))
export const sort: fc.Arbitrary<Record<string, 1 | -1>> = fc
  .constantFrom('a', 'b', 'c.d', 'list')
  .chain((name) => fc.tuple(direction, direction).map(([x, y]) => ({ [name]: x, _id: y })))

const target = fc.constantFrom('a', 'b', 'c.d', 'list', 'b.x', 'fresh')
const listed = fc.oneof({ weight: 4, arbitrary: fc.constant('list') }, target)
const oneOf = (
  operator: string,
  names: fc.Arbitrary<string>,
  operand: fc.Arbitrary<unknown>,
): fc.Arbitrary<Fields> =>
  fc.tuple(names, operand).map(([name, value]) => ({ [operator]: { [name]: value } }))
const top = fc.constantFrom('a', 'b', 'fresh')
const amount = fc.integer({ min: -2, max: 3 })

/** Updates that no document can refuse. */
export const mildUpdate: fc.Arbitrary<Fields> = fc.oneof(
  oneOf('$set', top, field),
  oneOf('$unset', fc.constantFrom('a', 'b', 'c.d', 'fresh'), fc.constant('')),
  oneOf('$min', top, scalar),
  oneOf('$max', top, scalar),
  fc.tuple(field, small).map(([a, b]) => ({ $set: { a, b } })),
)

/** Updates that some documents refuse. */
export const anyUpdate: fc.Arbitrary<Fields> = fc.oneof(
  mildUpdate,
  oneOf('$set', target, field),
  oneOf('$inc', target, amount),
  oneOf('$mul', target, amount),
  oneOf('$push', listed, often),
  oneOf('$addToSet', listed, often),
  oneOf(
    '$pull',
    listed,
    often.filter((value) => value !== null),
  ),
  oneOf('$pop', listed, direction),
  oneOf('$rename', fc.constantFrom('a', 'b', 'fresh'), fc.constantFrom('z', 'y')),
)

export interface IndexChoice {
  readonly key: Record<string, 1 | -1>
  readonly unique?: true
  readonly sparse?: true
  readonly partialFilterExpression?: Fields
}

export const index: fc.Arbitrary<IndexChoice> = fc.constantFrom<IndexChoice>(
  { key: { a: 1 } },
  { key: { b: -1, a: 1 } },
  { key: { 'c.d': 1, b: 1 } },
  { key: { b: 1, _id: -1 } },
  { key: { list: 1, b: -1 } },
  { key: { a: -1, _id: 1 }, sparse: true },
  { key: { b: 1 }, partialFilterExpression: { a: { $gte: 2 } } },
  { key: { a: 1 }, partialFilterExpression: { a: { $exists: true } } },
  { key: { 'c.d': -1 }, unique: true, sparse: true },
  { key: { b: 1, a: -1 }, unique: true, partialFilterExpression: { b: 'c' } },
)
