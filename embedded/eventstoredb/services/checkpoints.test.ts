import { describe, expect, it } from 'vitest'

import { range } from '../tests/server.ts'
import { Checkpoints } from './checkpoints.ts'

/** The first event is at 100, the next at 110 and so on. */
const at = (index: number): number => 100 + index * 10

function told(checkpoints: Checkpoints, events: readonly number[], matched: readonly number[] = []) {
  const told: number[] = []
  for (const index of events) {
    const checkpoint = checkpoints.after(at(index), matched.includes(index))
    if (checkpoint !== undefined) told.push(checkpoint)
  }
  return told
}

describe('while it catches up a filtered subscription hears', () => {
  it('where the page began that completes an interval, and at the end what was last considered', () => {
    const checkpoints = new Checkpoints({ window: 3, checkpointMultiplier: 2 }, 0)
    // Pages 0-2, 3-5, 6-8, 9-11, 12-14: every second one completes six events.
    expect(told(checkpoints, range(0, 16))).toEqual([at(3), at(9)])
    expect(checkpoints.caughtUp()).toBe(at(15))
  })

  it('of the last event that it was sent, if that comes later in the page', () => {
    const checkpoints = new Checkpoints({ window: 3, checkpointMultiplier: 1 }, 0)
    expect(told(checkpoints, range(0, 6), [1, 5])).toEqual([at(1), at(5)])
  })

  it('nothing that is no progress: not 0, and nothing twice', () => {
    const checkpoints = new Checkpoints({ window: 2, checkpointMultiplier: 1 }, 0)
    expect(told(checkpoints, [0, 1], [1])).toEqual([at(1)])
    expect(checkpoints.caughtUp()).toBeUndefined()
    expect(new Checkpoints({ window: 2, checkpointMultiplier: 1 }, 0).caughtUp()).toBeUndefined()
  })

  it('where it began, if there was nothing to catch up with', () => {
    expect(new Checkpoints({ window: 2, checkpointMultiplier: 1 }, 90).caughtUp()).toBe(90)
  })
})

describe('live it hears', () => {
  it('of every so many events, whether they match or not', () => {
    const checkpoints = new Checkpoints({ window: 3, checkpointMultiplier: 2 }, 90)
    checkpoints.caughtUp()
    expect(told(checkpoints, range(0, 20), [4, 5, 6])).toEqual([5, 11, 17].map(at))
  })

  it('of pages again, once it has fallen behind', () => {
    const checkpoints = new Checkpoints({ window: 3, checkpointMultiplier: 1 }, 90)
    checkpoints.caughtUp()
    expect(told(checkpoints, [0, 1])).toEqual([])
    checkpoints.fellBehind()
    expect(told(checkpoints, range(2, 7))).toEqual([at(2), at(5)])
    expect(checkpoints.caughtUp()).toBe(at(8))
    expect(told(checkpoints, range(9, 3))).toEqual([at(11)])
  })
})
