import { expect, it } from 'vitest'
import { rateBetween } from './progress.ts'

const steady = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => ({ events: n * 1_000, ms: n * 100 }))

it('a steady rate is the same over the whole and over every tenth', () => {
  expect(rateBetween(steady, 0, 1)).toBe(10_000)
  expect(rateBetween(steady, 0, 0.1)).toBe(10_000)
  expect(rateBetween(steady, 0.4, 0.5)).toBe(10_000)
  expect(rateBetween(steady, 0.9, 1)).toBe(10_000)
})

it('what slows down shows in the last tenth', () => {
  const slower = [...steady.slice(0, 9), { events: 10_000, ms: 1_300 }]
  expect(rateBetween(slower, 0.9, 1)).toBe(2_500)
  expect(rateBetween(slower, 0.4, 0.5)).toBe(10_000)
})

it('progress may be told unevenly: the nearest that was told counts', () => {
  const uneven = [
    { events: 1_500, ms: 100 },
    { events: 9_500, ms: 500 },
    { events: 10_000, ms: 600 },
  ]
  expect(rateBetween(uneven, 0, 0.1)).toBe(15_000)
  expect(rateBetween(uneven, 0.9, 1)).toBe(5_000)
})

it('without progress there is no rate', () => {
  expect(rateBetween([], 0, 1)).toBeNaN()
})
