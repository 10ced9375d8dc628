import { describe, expect, it } from 'vitest'

import { Consumer, harness } from './group-harness.ts'

describe('what becomes of a message', () => {
  it('is tried again before anything new, and parked after the last retry', () => {
    const { group, parked, enqueue } = harness()
    const client = new Consumer(1)
    group.join(client, 0)
    enqueue('a', 'b')
    group.dispatch(0)
    for (let tries = 0; tries < 3; tries += 1) group.nack(client, ['a'], 'retry', 'not now', 0)
    expect(client.got).toEqual(['a', 'a+1', 'a+2', 'b'])
    expect(parked).toEqual(['a: Reached retry count of 2'])
  })

  it('is parked the first time where no retries are allowed', () => {
    const { group, parked, enqueue } = harness('RoundRobin', 0)
    const client = new Consumer()
    group.join(client, 0)
    enqueue('a')
    group.dispatch(0)
    group.nack(client, ['a'], 'unknown', '', 0)
    expect(client.got).toEqual(['a'])
    expect(parked).toEqual(['a: Reached retry count of 0'])
  })

  it('is parked at once when the client says so', () => {
    const { group, parked, progress, enqueue } = harness()
    const client = new Consumer()
    group.join(client, 0)
    enqueue('a')
    group.dispatch(0)
    group.nack(client, ['a'], 'park', 'no such order', 0)
    expect(parked).toEqual(["a: Client explicitly NAK'ed message.\nno such order"])
    expect(progress.settled).toBe(0)
  })

  it('is not done before it is parked: what could not be is parked at a later tick', () => {
    const { group, parked, progress, trouble, enqueue } = harness()
    const client = new Consumer()
    group.join(client, 0)
    enqueue('a')
    group.dispatch(0)
    trouble.error = new Error('no space left')
    group.nack(client, ['a'], 'park', '', 0)
    expect([progress.settled, group.outstandingCount]).toEqual([undefined, 1])
    group.tick(1)
    expect(progress.settled).toBeUndefined()
    trouble.error = undefined
    group.tick(2)
    expect([progress.settled, group.outstandingCount]).toEqual([0, 0])
    expect(parked).toHaveLength(1)
  })

  it('counts as done when it is skipped, and when the client says stop', () => {
    const { group, parked, progress, enqueue } = harness()
    const client = new Consumer()
    group.join(client, 0)
    enqueue('a', 'b')
    group.dispatch(0)
    group.nack(client, ['a'], 'skip', '', 0)
    group.nack(client, ['b'], 'stop', '', 0)
    expect(progress.settled).toBe(1)
    expect(parked).toEqual([])
  })

  it('is tried again when its time is up, and a late ack then means nothing', () => {
    const { group, progress, enqueue } = harness()
    const [slow, other] = [new Consumer(1), new Consumer(1)]
    group.join(slow, 0)
    enqueue('a')
    group.dispatch(0)
    group.join(other, 0)
    slow.connection.congested = true
    group.tick(999)
    expect(other.got).toEqual([])
    group.tick(1000)
    expect(other.got).toEqual(['a+1'])
    group.ack(slow, ['a'], 1000)
    expect(progress.settled).toBeUndefined()
    group.ack(other, ['a'], 1000)
    expect(progress.settled).toBe(0)
  })

  it('goes to others when its client leaves, in order, and never to the parked ones', () => {
    const { group, parked, enqueue } = harness('DispatchToSingle')
    enqueue('a', 'b')
    for (let turns = 0; turns < 5; turns += 1) {
      const client = new Consumer()
      group.join(client, 0)
      expect(client.got.map((got) => got.charAt(0))).toEqual(['a', 'b'])
      group.leave(client, 0)
    }
    expect(parked).toEqual([])
    expect(group.retryCount).toBe(2)
  })

  it('is one of two with the same id: each is answered for itself', () => {
    const { group, progress, enqueue } = harness()
    const client = new Consumer()
    group.join(client, 0)
    enqueue('a', 'a')
    group.dispatch(0)
    expect([client.got, client.inFlight]).toEqual([['a', 'a'], 2])
    group.ack(client, ['a'], 0)
    expect([progress.settled, client.inFlight]).toEqual([0, 1])
    group.ack(client, ['a'], 0)
    expect([progress.settled, client.inFlight]).toEqual([1, 0])
  })
})

describe('a client that takes less than it is sent', () => {
  it('gets nothing more until it has room again, whatever its window', () => {
    const { group, enqueue } = harness()
    const client = new Consumer(1000)
    client.connection.congested = true
    group.join(client, 0)
    enqueue('a')
    group.dispatch(0)
    expect(client.got).toEqual([])
    client.connection.congested = false
    group.dispatch(0)
    expect(client.got).toEqual(['a'])
  })
})

describe('latencies', () => {
  it('are kept of each answer, where they are asked for', () => {
    const { group, enqueue } = harness()
    const [measured, other] = [new Consumer(1, { statistics: true }), new Consumer(1)]
    for (const client of [measured, other]) group.join(client, 0)
    enqueue('a', 'b')
    group.dispatch(0)
    expect(measured.latencies).toEqual([])
    group.ack(measured, ['a'], 30)
    group.nack(other, ['b'], 'skip', '', 40)
    expect(new Map(measured.latencies).get('Highest')).toBe(30)
    expect(other.latencies).toEqual([])
  })
})
