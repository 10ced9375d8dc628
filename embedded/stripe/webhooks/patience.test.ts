import { expect, test } from 'vitest'
import { pauseAfter, TRIES } from './patience.ts'

const pauses = (chance: number) => Array.from({ length: TRIES - 1 }, (_, n) => pauseAfter(n + 1, chance))

test('the first retry comes within a second, the others after pauses that double up to a minute', () => {
  expect(pauses(0).slice(0, 9)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  expect(pauses(1).slice(0, 3)).toEqual([375, 750, 1_500])
})

test('nobody is told for longer than about an hour', () => {
  const hours = pauses(0.5).reduce((sum, pause) => sum + pause, 0) / 3_600_000
  expect(hours).toBeGreaterThan(0.75)
  expect(hours).toBeLessThan(1.25)
})
