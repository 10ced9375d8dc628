import { describe, expect, test } from 'vitest'
import { inSlices, Operation } from './operation.ts'

/** A clock that moves by what is asked of it. */
function clock(): { now: () => number; pass: (milliseconds: number) => void } {
  let time = 1_000
  return { now: () => time, pass: (milliseconds) => void (time += milliseconds) }
}

const manySteps = (operation: Operation): boolean =>
  Array.from({ length: 64 }, () => operation.step()).at(-1) === true

describe('an operation', () => {
  test('is to pause when its slice is over, and then has another one', async () => {
    const { now, pass } = clock()
    const operation = new Operation('find', { now, slice: 5 })
    expect(manySteps(operation)).toBe(false)
    pass(5)
    expect(manySteps(operation)).toBe(true)
    await operation.pause()
    expect(manySteps(operation)).toBe(false)
  })

  test('ends when the time that its client gives it is over', () => {
    const { now, pass } = clock()
    const operation = new Operation('find', { now })
    operation.limitTo(100)
    pass(99)
    operation.check()
    pass(1)
    expect(() => manySteps(operation)).toThrow('operation exceeded time limit')
  })

  test('ends when it is killed, also while it pauses', async () => {
    const operation = new Operation('find', clock())
    const paused = operation.pause()
    operation.kill()
    await expect(paused).rejects.toThrow('operation was interrupted')
  })
})

test('work that is done in its first slice needs no promise, other work is gone on with until it is done', async () => {
  const operation = new Operation('find', clock())
  expect(inSlices(operation, () => true)).toBeUndefined()
  let slices = 0
  await inSlices(operation, () => ++slices === 3)
  expect(slices).toBe(3)
})
