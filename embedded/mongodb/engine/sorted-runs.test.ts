import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedRuns } from './sorted-runs.ts'

const byValue = (a: number, b: number): number => a - b

test('sorted lists are read as one, whenever they are added', () => {
  const lists = fc.array(fc.array(fc.integer({ min: 0, max: 50 })))
  fc.assert(
    fc.property(lists, lists, (first, later) => {
      const runs = new SortedRuns(byValue)
      for (const list of first) runs.add(list.toSorted(byValue))
      const taken: number[] = []
      const all = first.flat()
      for (let i = 0; i < all.length / 2; i++) taken.push(runs.next() ?? NaN)
      expect(taken).toEqual(all.toSorted(byValue).slice(0, taken.length))
      for (const list of later) runs.add(list.toSorted(byValue))
      const rest: number[] = []
      for (let item = runs.next(); item !== undefined; item = runs.next()) rest.push(item)
      expect(rest).toEqual([...all.toSorted(byValue).slice(taken.length), ...later.flat()].toSorted(byValue))
      expect(runs.isEmpty).toBe(true)
    }),
  )
})
