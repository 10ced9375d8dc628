import { expect, it } from 'vitest'
import { paced, TooSlow } from './pace.ts'

it('starts as many as the rate asks for, each with the time at which it was due', async () => {
  const due: number[] = []
  await paced({ rate: 1_000, seconds: 0.1, maxUnderWay: 1_000 }, async (at, turn) => {
    due[turn] = at
  })
  expect(due).toHaveLength(100)
  const gaps = due.slice(1).map((at, index) => at - (due[index] ?? 0))
  for (const gap of gaps) expect(gap).toBeCloseTo(1, 6)
})

it('waits for nobody before the next one starts, and for everybody at the end', async () => {
  const all = Promise.withResolvers<void>()
  let [started, ended] = [0, 0]
  await paced({ rate: 1_000, seconds: 0.05, maxUnderWay: 1_000 }, async () => {
    if (++started === 50) all.resolve()
    await all.promise
    ended++
  })
  expect(ended).toBe(50)
})

it('ends early when nobody needs any more, and waits for those that are under way', async () => {
  const enough = new AbortController()
  let [started, ended] = [0, 0]
  const pace = { rate: 1_000, seconds: 60, maxUnderWay: 1_000, until: enough.signal }
  await paced(pace, async () => {
    if (++started === 20) enough.abort()
    await new Promise(setImmediate)
    ended++
  })
  expect(started).toBeGreaterThanOrEqual(20)
  expect(started).toBeLessThan(1_000)
  expect(ended).toBe(started)
})

it('gives up when too many are under way', async () => {
  const forEver = Promise.withResolvers<void>()
  const slow = paced({ rate: 10_000, seconds: 60, maxUnderWay: 10 }, () => forEver.promise)
  await expect(slow).rejects.toThrow(TooSlow)
})

it('ends with the first failure', async () => {
  const failing = paced({ rate: 1_000, seconds: 60, maxUnderWay: 1_000 }, async (_, turn) => {
    if (turn === 5) throw new Error('refused')
  })
  await expect(failing).rejects.toThrow('refused')
})
