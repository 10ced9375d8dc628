import { Decimal128, Double, Long, MaxKey, MinKey, ObjectId } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rawValue } from '../../bson/codec.ts'
import { afterPrefix, encodeValue, inverted } from './encode.ts'

const key = (value: unknown): Buffer => encodeValue(rawValue(value))
const sign = (order: number): number => Math.sign(order)

const scalars = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
)
const values = fc.oneof(
  scalars,
  fc.array(scalars, { maxLength: 3 }),
  fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => !name.includes('\0')),
    scalars,
    { maxKeys: 3 },
  ),
)

describe('the order of keys', () => {
  test('is that of types', () => {
    const ordered = [
      new MinKey(),
      null,
      1,
      'a',
      {},
      [],
      new Uint8Array(1),
      new ObjectId(),
      false,
      new Date(),
      /a/,
      new MaxKey(),
    ]
    const keys = ordered.map(key)
    expect(keys.toSorted((a, b) => a.compare(b))).toEqual(keys)
  })

  test('is that of doubles, NaN first', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(sign(key(new Double(a)).compare(key(new Double(b))))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
    expect(key(NaN).compare(key(-Infinity))).toBe(-1)
  })

  test('is that of 64 bit integers, beyond 2^53 too', () => {
    const integers = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    )
    fc.assert(
      fc.property(integers, integers, (a, b) => {
        expect(sign(key(Long.fromBigInt(a)).compare(key(Long.fromBigInt(b))))).toBe(
          a < b ? -1 : a > b ? 1 : 0,
        )
      }),
    )
  })

  test('is that of decimals, exactly', () => {
    const decimals = fc.tuple(
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
      fc.integer({ min: 0, max: 20 }),
    )
    const decimal = ([digits, scale]: [bigint, number]) => Decimal128.fromString(`${digits}E-${scale}`)
    const scaled = ([digits, scale]: [bigint, number]) => digits * 10n ** BigInt(20 - scale)
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const order = scaled(a) < scaled(b) ? -1 : scaled(a) > scaled(b) ? 1 : 0
        expect(sign(key(decimal(a)).compare(key(decimal(b))))).toBe(order)
      }),
    )
  })

  test('knows no number types: equal numbers have one key', () => {
    fc.assert(
      fc.property(fc.integer(), (n) => {
        const keys = [n, new Double(n), Long.fromNumber(n), Decimal128.fromString(String(n))].map(key)
        expect(new Set(keys.map((one) => one.toString('hex'))).size).toBe(1)
      }),
    )
    expect(key(Decimal128.fromString('0.1')).compare(key(0.1))).toBe(-1)
  })

  test('is that of UTF-8 strings, also with zeros in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(sign(key(a).compare(key(b)))).toBe(sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
      }),
    )
  })

  test('is that of dates, before 1970 too', () => {
    const dates = fc.date({ noInvalidDate: true })
    fc.assert(
      fc.property(dates, dates, (a, b) => {
        expect(sign(key(a).compare(key(b)))).toBe(sign(a.getTime() - b.getTime()))
      }),
    )
  })
})

describe('keys of several fields', () => {
  test('no key is the beginning of another', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [first, second] = [key(a), key(b)]
        if (!first.equals(second)) expect(second.subarray(0, first.length).equals(first)).toBe(false)
      }),
    )
  })

  test('compare field by field, each in its direction', () => {
    fc.assert(
      fc.property(values, values, values, values, (a, b, c, d) => {
        const joined = (x: unknown, y: unknown) => Buffer.concat([key(x), inverted(key(y))])
        const expected = key(a).compare(key(c)) || -key(b).compare(key(d))
        expect(joined(a, b).compare(joined(c, d))).toBe(expected === 0 ? 0 : expected)
      }),
    )
  })

  test('all lie before what comes after their first fields', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(Buffer.concat([key(a), key(b)]).compare(afterPrefix(key(a)))).toBe(-1)
      }),
    )
  })
})
