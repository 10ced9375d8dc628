import { expect, test } from 'vitest'
import { parseOptions, WrongUsage } from './options.ts'

test('every option has a default, and each run a seed of its own', () => {
  const first = parseOptions([])
  expect(first).toMatchObject({ orders: 1_000, concurrency: 32 })
  expect(parseOptions([]).seed).not.toBe(first.seed)
  expect(parseOptions(['--orders', '5', '--seed', 'x'])).toMatchObject({ orders: 5, seed: 'x' })
})

test.each([
  [['--orders', '0'], '--orders must be a number from 1 to'],
  [['--orders', '1.5', '--concurrency', 'many'], '--concurrency must be a number from 1 to'],
  [['--url', 'ftp://somewhere'], '--url must be the URL of a GraphQL API'],
  [['--oders', '5'], "Unknown option '--oders'"],
])('%j is wrong usage', (args, message) => {
  expect(() => parseOptions(args)).toThrow(WrongUsage)
  expect(() => parseOptions(args)).toThrow(message)
})
