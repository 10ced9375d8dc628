import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paceOf } from './pace.ts'

const started = (perSecond: number, longestPause?: number) => {
  const time = { now: 0 }
  const limit = longestPause === undefined ? {} : { longestPause }
  return { time, pace: paceOf({ perSecond, clock: () => time.now, ...limit }) }
}

describe('a pace', () => {
  it('lets so many begin within a second, whenever that begins, and no fewer than it may', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }),
        (perSecond, gaps) => {
          const { time, pace } = started(perSecond)
          const begun: number[] = []
          const within = (end: number) => begun.filter((at) => at > end - 1_000 && at <= end).length
          for (const gap of gaps) {
            time.now += gap
            const wait = pace.wait()
            if (wait > 0) expect(within(time.now + wait - 1)).toBe(perSecond)
            time.now += wait
            expect(pace.wait()).toBe(0)
            pace.begin()
            begun.push(time.now)
            expect(within(time.now)).toBeLessThanOrEqual(perSecond)
          }
        },
      ),
    ))

  it('rests for as long as it is told', () => {
    const { time, pace } = started(5)
    pace.pause(3_000)
    expect(pace.wait()).toBe(3_000)
    time.now = 2_999
    expect(pace.wait()).toBe(1)
    time.now = 3_000
    expect(pace.wait()).toBe(0)
  })

  it('rests for the longer of two', () => {
    const { pace } = started(5)
    pace.pause(3_000)
    pace.pause(1_000)
    expect(pace.wait()).toBe(3_000)
  })

  it('rests no longer than it may', () => {
    const { pace } = started(5, 60_000)
    pace.pause(86_400_000)
    expect(pace.wait()).toBe(60_000)
  })
})
