import fc from 'fast-check'
import { expect, it } from 'vitest'

import { Progress } from './progress.ts'

it('goes no further than the first message that is not done', () => {
  const progress = new Progress()
  const [first, second, third] = [progress.begin(10), progress.begin(20), progress.begin(30)]
  second.finish()
  expect(progress.settled).toBeUndefined()
  first.finish()
  expect([progress.settled, progress.count]).toEqual([20, 2])
  third.finish()
  expect([progress.settled, progress.count]).toEqual([30, 3])
})

it('takes in what the filter leaves out, once all before it is done', () => {
  const progress = new Progress()
  progress.pass(5, 1)
  expect(progress.settled).toBe(5)
  const step = progress.begin(10)
  progress.pass(20, 1)
  expect(progress.settled).toBe(5)
  step.finish()
  expect([progress.settled, progress.count]).toEqual([20, 3])
})

it('is not made by bookkeeping alone', () => {
  const progress = new Progress()
  progress.pass(5, 0)
  expect([progress.settled, progress.count]).toEqual([5, 0])
})

it('counts a message once, however often it is finished', () => {
  const progress = new Progress()
  const step = progress.begin(1)
  step.finish()
  step.finish()
  expect(progress.count).toBe(1)
})

it('is the same whatever order things are finished in', () => {
  const order = fc.array(fc.nat(), { minLength: 1, maxLength: 40 }).map((keys) =>
    keys
      .map((key, index) => ({ key, index }))
      .sort((a, b) => a.key - b.key)
      .map(({ index }) => index),
  )
  fc.assert(
    fc.property(order, (indexes) => {
      const progress = new Progress()
      const steps = indexes.map((_, index) => progress.begin(index))
      const done = new Set<number>()
      for (const index of indexes) {
        steps[index]?.finish()
        done.add(index)
        let front = 0
        while (done.has(front)) front += 1
        expect(progress.settled).toBe(front === 0 ? undefined : front - 1)
        expect(progress.count).toBe(front)
      }
    }),
  )
})
