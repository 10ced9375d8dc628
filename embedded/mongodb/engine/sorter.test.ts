import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toFields, toRaw } from '../bson/codec.ts'
import { parseSort } from './sort.ts'
import { Sorter } from './sorter.ts'

const rows = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 })
const direction = fc.constantFrom(1, -1)

test('the first of an order are those of the whole order, and ties stay as they came', () => {
  fc.assert(
    fc.property(rows, direction, fc.integer({ min: 0, max: 20 }), (values, n, limit) => {
      const sorter = new Sorter<{ readonly document: Buffer }>(parseSort(toRaw({ n })), limit)
      values.forEach((value, _id) => sorter.add({ document: toRaw({ _id, n: value }) }))
      const ids = sorter.sorted().map(({ document }) => toFields(document)['_id'])
      const ordered = values.map((value, _id) => ({ value, _id })).toSorted((a, b) => n * (a.value - b.value))
      expect(ids).toEqual(ordered.slice(0, limit || undefined).map(({ _id }) => _id))
    }),
  )
})

test('with a limit only so many are held', () => {
  const sorter = new Sorter<{ readonly document: Buffer }>(parseSort(toRaw({ n: 1 })), 2)
  const document = (n: number): Buffer => toRaw({ n, text: 'x'.repeat(1_000) })
  for (let n = 0; n < 100; n++) sorter.add({ document: document(100 - n) })
  expect(sorter.size).toBeLessThan(3 * document(1).length)
})
