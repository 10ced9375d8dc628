import { expect, it, vi } from 'vitest'

import { Turns } from './turns.ts'

it('gives each task its turn after the other', async () => {
  const order: string[] = []
  const turns = new Turns(() => 0)
  for (const name of ['a', 'b']) {
    let left = 3
    const turn = (): boolean => {
      order.push(name)
      left -= 1
      return left > 0
    }
    turns.add({ turn })
  }
  await vi.waitFor(() => expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']))
})

it('lets others in after a few milliseconds, however much there is to do', async () => {
  let now = 0
  let portions = 0
  const turns = new Turns(() => now)
  const task = {
    turn: () => {
      now += 1
      portions += 1
      return true
    },
  }
  turns.add(task)
  await new Promise((resolve) => setImmediate(resolve))
  const after = portions
  expect(after).toBeLessThanOrEqual(10)
  await vi.waitFor(() => expect(portions).toBeGreaterThan(after))
  turns.remove(task)
  expect(turns.has(task)).toBe(false)
})
