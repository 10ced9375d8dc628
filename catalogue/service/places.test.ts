import { describe, expect, it } from 'vitest'
import { placesOf, QueueFull } from './places.ts'

const forEver = new AbortController().signal

/** Works that end when they are told, in places; and the order in which they began. */
const started = (most: number, mostWaiting: number) => {
  const places = placesOf({ most, mostWaiting })
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const begin = (name: string, signal = forEver) => {
    const end = Promise.withResolvers<void>()
    ends.set(name, end)
    return places(async () => {
      begun.push(name)
      await end.promise
      return name
    }, signal)
  }
  return { begin, begun, end: (name: string) => ends.get(name)?.resolve(), ends }
}

describe('a place', () => {
  it('goes to whoever waits longest', async () => {
    const { begin, begun, end } = started(1, 5)
    const works = ['a', 'b', 'c'].map((name) => begin(name))
    for (const name of ['a', 'b', 'c']) {
      await expect.poll(() => begun.at(-1)).toBe(name)
      end(name)
    }
    expect(await Promise.all(works)).toEqual(['a', 'b', 'c'])
  })

  it('is free again after a work that failed', async () => {
    const { begin, begun, end, ends } = started(1, 5)
    const failing = begin('a')
    const next = begin('b')
    ends.get('a')?.reject(new Error('it failed'))
    await expect(failing).rejects.toThrow('it failed')
    await expect.poll(() => begun).toEqual(['a', 'b'])
    end('b')
    expect(await next).toBe('b')
  })

  it('is not kept for those who no longer wait', async () => {
    const { begin, begun, end } = started(1, 1)
    const a = begin('a')
    const leaving = new AbortController()
    const b = begin('b', leaving.signal)
    await expect(begin('c')).rejects.toThrow(QueueFull)
    leaving.abort(new Error('no time'))
    await expect(b).rejects.toThrow('no time')
    const d = begin('d')
    end('a')
    expect(await a).toBe('a')
    end('d')
    expect(await d).toBe('d')
    expect(begun).toEqual(['a', 'd'])
  })

  it('is not kept when nobody is left', async () => {
    const { begin, end } = started(1, 1)
    const leaving = new AbortController()
    const a = begin('a')
    const b = begin('b', leaving.signal)
    leaving.abort(new Error('no time'))
    await expect(b).rejects.toThrow('no time')
    end('a')
    await a
    const c = begin('c')
    end('c')
    expect(await c).toBe('c')
  })

  it('is not given to those who have left before', async () => {
    const { begin, begun } = started(1, 1)
    await expect(begin('a', AbortSignal.abort(new Error('no time')))).rejects.toThrow('no time')
    expect(begun).toEqual([])
  })
})
