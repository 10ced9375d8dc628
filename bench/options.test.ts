import { expect, it } from 'vitest'
import { benchNames, parseOptions, usage, WrongUsage } from './options.ts'

it('without options everything is measured, with the sizes that the help names', () => {
  expect(parseOptions([])).toEqual({
    only: [...benchNames],
    wallets: [500, 1],
    seconds: 10,
    runs: 3,
    'warm-up': 5,
    watch: false,
    pairs: 10_000,
    events: 1_000_000,
    orders: 1_000_000,
    due: 10_000,
    json: false,
    help: false,
  })
})

it('lists and numbers are read', () => {
  const args = ['--only', 'lag,lists', '--clients', '1,64', '--rate', '200', '--profile', 'somewhere']
  expect(parseOptions(args)).toMatchObject({
    only: ['lag', 'lists'],
    clients: [1, 64],
    rate: 200,
    profile: 'somewhere',
  })
})

it.each([
  [['--only', 'order'], '--only'],
  [['--clients', '0,1'], '--clients: must be from 1'],
  [['--seconds', '1.5'], '--seconds: must be a whole number'],
  [['--pairs', '-1'], '--pairs'],
  [['--ordres', '5'], "Unknown option '--ordres'"],
])('%j is wrong usage', (args, message) => {
  expect(() => parseOptions(args)).toThrow(WrongUsage)
  expect(() => parseOptions(args)).toThrow(message)
})

it('the help names every bench and every option', () => {
  const about = {
    orders: 'a',
    consistency: 'b',
    lag: 'c',
    lists: 'd',
    rebuild: 'e',
    appends: 'f',
    stock: 'g',
    expiry: 'h',
  }
  const text = usage(about)
  for (const name of benchNames) expect(text).toMatch(new RegExp(`^ +${name} +${about[name]}$`, 'm'))
  const options = Object.keys(parseOptions(['--clients', '1', '--rate', '1', '--profile', 'x']))
  for (const option of options.filter((name) => name !== 'help')) expect(text).toContain(`--${option}`)
})
