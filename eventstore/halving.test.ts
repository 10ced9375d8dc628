import fc from 'fast-check'
import { expect, it } from 'vitest'
import { halving } from './halving.ts'

it('finds where things begin to lie beyond, however their numbers are spread', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.maxSafeNat(), { minLength: 1 }),
      fc.maxSafeNat(),
      async (numbers, looked) => {
        const things = numbers.toSorted((a, b) => a - b)
        let looks = 0
        const found = await halving(Math.max(...things), async (n) => {
          looks++
          const first = things.find((thing) => thing >= n)
          return first !== undefined && first < looked ? first : undefined
        })
        const last = Math.max(...things)
        const beyond = (n: number) => things.filter((thing) => thing >= n && thing < last)
        expect(beyond(found)).toEqual(beyond(looked))
        expect(looks).toBeLessThanOrEqual(53)
      },
    ),
  ))
