import { describe, expect, it } from 'vitest'
import { liveQueue } from './queue.ts'

const queueOf = (limit = 10) => {
  let closings = 0
  const queue = liveQueue<number>({ limit, onClose: () => closings++ })
  return { queue, closings: () => closings }
}
const drain = async (values: AsyncIterable<number>) => {
  const seen: number[] = []
  for await (const value of values) seen.push(value)
  return seen
}

describe('a live queue', () => {
  it('gives what was pushed before and after it was asked for, in order', async () => {
    const { queue } = queueOf()
    queue.push(1)
    const seen = drain(queue)
    queue.push(2)
    await Promise.resolve()
    queue.push(3)
    queue.end()
    expect(await seen).toEqual([1, 2, 3])
  })

  it('gives what is in it, and then its error, once', async () => {
    const { queue } = queueOf()
    queue.push(1)
    queue.fail(new Error('gone'))
    expect(await queue.next()).toEqual({ done: false, value: 1 })
    await expect(queue.next()).rejects.toThrow('gone')
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('tells the one that waits of the error', async () => {
    const { queue } = queueOf()
    const next = queue.next()
    queue.fail(new Error('gone'))
    await expect(next).rejects.toThrow('gone')
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('ends a consumer that does not keep up, and keeps nothing for it', async () => {
    const { queue, closings } = queueOf(2)
    for (const n of [1, 2, 3, 4]) queue.push(n)
    await expect(queue.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(closings()).toBe(1)
  })

  it('counts what waits, not what was taken', async () => {
    const { queue } = queueOf(2)
    for (let n = 0; n < 100; n++) {
      queue.push(n)
      queue.push(n)
      await queue.next()
      await queue.next()
    }
    queue.end()
    expect(await drain(queue)).toEqual([])
  })

  it('can be left at any time, also while it is waited for, and closes once', async () => {
    const { queue, closings } = queueOf()
    const next = queue.next()
    await queue.return()
    expect(await next).toEqual({ done: true, value: undefined })
    queue.push(1)
    queue.end()
    expect(await drain(queue)).toEqual([])
    expect(closings()).toBe(1)
  })
})
