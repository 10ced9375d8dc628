import { expect, test } from 'vitest'
import { withoutRepeats } from './repeats.ts'

test('of similar lines, one is shown every few seconds, and how many there were', () => {
  let now = 0
  const show = withoutRepeats(() => now)
  expect(show('order 0f3c2a6e-1111-4222-8333-444455556666 failed')).toMatch(/failed$/)
  expect(show('order 0f3c2a6e-1111-4222-8333-777788889999 failed')).toBeUndefined()
  expect(show('order 0f3c2a6e-1111-4222-8333-777788880000 failed')).toBeUndefined()
  expect(show('something else')).toBe('something else')
  now = 5_000
  expect(show('order 0f3c2a6e-1111-4222-8333-444455556666 failed')).toMatch(
    /failed \(and 2 like it before\)$/,
  )
  now = 10_000
  expect(show('order 0f3c2a6e-1111-4222-8333-444455556666 failed')).toMatch(/failed$/)
})
