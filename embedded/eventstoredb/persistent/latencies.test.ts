import { expect, it } from 'vitest'

import { Latencies } from './latencies.ts'

it('has all the figures of a real node, under their names', () => {
  const latencies = new Latencies()
  for (let ms = 1000; ms >= 1; ms -= 1) latencies.add(ms)
  expect(latencies.summary()).toEqual([
    ['Mean', 501],
    ['Median', 500],
    ['Fastest', 1],
    ['Quintile 1', 200],
    ['Quintile 2', 400],
    ['Quintile 3', 600],
    ['Quintile 4', 800],
    ['Quintile 5', 1000],
    ['90%', 900],
    ['95%', 950],
    ['99%', 990],
    ['99.5%', 995],
    ['99.9%', 999],
    ['Highest', 1000],
  ])
})

it('is about the last thousand', () => {
  const latencies = new Latencies()
  latencies.add(90_000)
  for (let n = 0; n < 1000; n += 1) latencies.add(7)
  expect(new Set(latencies.summary().map(([, ms]) => ms))).toEqual(new Set([7]))
})

it('is nothing before the first answer', () => {
  expect(new Latencies().summary()).toEqual([])
})
