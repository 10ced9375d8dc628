import { expect, test } from 'vitest'
import { castOf } from './cast.ts'

test('the same seed makes the same cast, another one another', () => {
  expect(castOf('a', 100)).toEqual(castOf('a', 100))
  const ids = new Set([...castOf('a', 100), ...castOf('b', 100)].map(({ id }) => id))
  expect(ids.size).toBe(20)
})

test.each([1, 7, 100, 1_000, 20_000])('%d orders are planned, each with its own key', (orders) => {
  const planned = castOf('seed', orders).flatMap((person) => person.orders)
  expect(planned).toHaveLength(orders)
  expect(new Set(planned.map(({ key }) => key)).size).toBe(orders)
})

test('there are people with plenty, with too little, with dollars, and without a wallet', () => {
  for (const { kind, currency, deposits, orders } of castOf('seed', 400)) {
    const wanted = orders.reduce((sum, { price }) => sum + price.amount, 0)
    const paidIn = deposits.reduce((sum, { money }) => sum + money.amount, 0)
    if (kind === 'NO_WALLET') expect([currency, paidIn]).toEqual([undefined, 0])
    if (kind === 'RICH') expect(paidIn).toBeGreaterThan(wanted)
    if (kind === 'POOR') expect(paidIn).toBeLessThan(wanted)
    if (kind === 'DOLLARS') {
      expect(currency).toBe('USD')
      expect(new Set(orders.map(({ price }) => price.currency))).toEqual(new Set(['USD', 'EUR']))
    }
  }
})
