import { beforeEach, describe, expect, it } from 'vitest'

import { EventRecord } from '../log/event-record.ts'
import { ownEvent } from '../log/own-events.ts'
import { GroupClient } from './client.ts'
import { ConsumerGroup } from './consumer-group.ts'
import type { Message } from './message.ts'
import { Progress } from './progress.ts'
import type { GroupSettings } from './settings.ts'
import { createStrategy } from './strategy.ts'

const settings: GroupSettings = {
  startFrom: 'start',
  resolveLinks: false,
  extraStatistics: false,
  messageTimeoutMs: 1000,
  maxRetryCount: 2,
  checkpointAfterMs: 2000,
  minCheckpointCount: 10,
  maxCheckpointCount: 1000,
  maxSubscribers: 0,
  liveBufferSize: 500,
  readBatchSize: 20,
  historyBufferSize: 500,
  strategy: 'RoundRobin',
}

let parked: string[]
let progress: Progress

beforeEach(() => {
  parked = []
  progress = new Progress()
})

function groupWith(strategyName: string): ConsumerGroup {
  const strategy = createStrategy(strategyName)
  if (strategy === undefined) throw new Error(strategyName)
  return new ConsumerGroup(settings, strategy, progress, {
    park: (message, reason, done) => {
      parked.push(`${message.id}: ${reason}`)
      done()
    },
    onProgress: () => undefined,
  })
}

/** A client that notes what it gets, as `id` or, when tried again, `id+retries`. */
class Consumer extends GroupClient {
  readonly got: string[]

  constructor(bufferSize = 10) {
    const got: string[] = []
    super('test', bufferSize, 0, ({ id, retryCount }) =>
      got.push(retryCount === 0 ? id : `${id}+${retryCount}`),
    )
    this.got = got
  }
}

function message(id: string, sequence: number, stream = 'a'): Message {
  const event = EventRecord.propose(ownEvent('Happened', '{}'), stream, sequence, 1 + sequence)
  return { id, sequence, event, link: undefined, retryCount: 0, step: progress.begin(sequence) }
}

function enqueue(group: ConsumerGroup, ...ids: string[]): void {
  for (const [sequence, id] of ids.entries()) group.enqueue(message(id, sequence))
}

describe('who gets what', () => {
  it('round-robin takes turns, and passes over who is full', () => {
    const group = groupWith('RoundRobin')
    const [one, two] = [new Consumer(1), new Consumer(3)]
    group.join(one, 0)
    group.join(two, 0)
    enqueue(group, 'a', 'b', 'c', 'd', 'e')
    group.dispatch(0)
    expect([one.got, two.got]).toEqual([['a'], ['b', 'c', 'd']])
    group.ack(one, ['a'], 0)
    expect(one.got).toEqual(['a', 'e'])
  })

  it('dispatch-to-single fills one client before the next', () => {
    const group = groupWith('DispatchToSingle')
    const [one, two] = [new Consumer(2), new Consumer(2)]
    group.join(one, 0)
    group.join(two, 0)
    enqueue(group, 'a', 'b', 'c')
    group.dispatch(0)
    expect([one.got, two.got]).toEqual([['a', 'b'], ['c']])
  })

  it('pinned keeps a stream with its client, and lets others pass when that is full', () => {
    const group = groupWith('Pinned')
    const clients = [new Consumer(1), new Consumer(1)]
    for (const client of clients) group.join(client, 0)
    const streams = ['s', 's', 't', 'u', 'v', 'w']
    for (const [sequence, stream] of streams.entries())
      group.enqueue(message(`${stream}${sequence}`, sequence, stream))
    group.dispatch(0)
    const [owner, other] = clients[0]?.got[0] === 's0' ? clients : clients.toReversed()
    expect(owner?.got).toEqual(['s0'])
    expect(other?.got).toHaveLength(1)
    expect(other?.got[0]).not.toMatch(/^s/u)
    if (owner !== undefined) group.ack(owner, ['s0'], 0)
    expect(owner?.got).toEqual(['s0', 's1'])
  })
})

describe('what becomes of a message', () => {
  it('is tried again before anything new, and parked after the last retry', () => {
    const group = groupWith('RoundRobin')
    const client = new Consumer(1)
    group.join(client, 0)
    enqueue(group, 'a', 'b')
    group.dispatch(0)
    for (let tries = 0; tries < 3; tries += 1) group.nack(client, ['a'], 'retry', 'not now', 0)
    expect(client.got).toEqual(['a', 'a+1', 'a+2', 'b'])
    expect(parked).toEqual(['a: Reached retry count of 2'])
  })

  it('is parked at once when the client says so', () => {
    const group = groupWith('RoundRobin')
    const client = new Consumer()
    group.join(client, 0)
    enqueue(group, 'a')
    group.dispatch(0)
    group.nack(client, ['a'], 'park', 'no such order', 0)
    expect(parked).toEqual(["a: Client explicitly NAK'ed message.\nno such order"])
    expect(progress.settled).toBe(0)
  })

  it('counts as done when it is skipped', () => {
    const group = groupWith('RoundRobin')
    const client = new Consumer()
    group.join(client, 0)
    enqueue(group, 'a', 'b')
    group.dispatch(0)
    group.nack(client, ['a'], 'skip', '', 0)
    group.nack(client, ['b'], 'stop', '', 0)
    expect(progress.settled).toBe(1)
    expect(parked).toEqual([])
  })

  it('is tried again when its time is up, and a late ack then means nothing', () => {
    const group = groupWith('RoundRobin')
    const client = new Consumer()
    group.join(client, 0)
    enqueue(group, 'a')
    group.dispatch(0)
    group.expire(999)
    expect(client.got).toEqual(['a'])
    group.expire(1000)
    expect(client.got).toEqual(['a', 'a+1'])
  })

  it('goes to others when its client leaves, in order, and never to the parked ones', () => {
    const group = groupWith('DispatchToSingle')
    const clients = Array.from({ length: 5 }, () => new Consumer())
    enqueue(group, 'a', 'b')
    for (const client of clients) {
      group.join(client, 0)
      expect(client.got.map((got) => got.charAt(0))).toEqual(['a', 'b'])
      group.leave(client, 0)
    }
    expect(parked).toEqual([])
    expect(group.retryCount).toBe(2)
  })
})

describe('progress', () => {
  it('goes no further than the first message that is not done', () => {
    const steps = [10, 20, 30].map((sequence) => progress.begin(sequence))
    const [first, second, third] = steps
    if (first === undefined || second === undefined || third === undefined) throw new Error('three steps')
    progress.finish(second)
    expect(progress.settled).toBeUndefined()
    progress.finish(first)
    expect(progress.settled).toBe(20)
    expect(progress.sinceCheckpoint).toBe(2)
  })

  it('takes in what the filter leaves out, once all before it is done', () => {
    progress.pass(5, 1)
    expect(progress.settled).toBe(5)
    const step = progress.begin(10)
    progress.pass(20, 1)
    expect(progress.settled).toBe(5)
    progress.finish(step)
    expect(progress.settled).toBe(20)
    expect(progress.sinceCheckpoint).toBe(3)
  })

  it('is not made by bookkeeping alone', () => {
    progress.pass(5, 0)
    expect(progress.settled).toBe(5)
    expect(progress.sinceCheckpoint).toBe(0)
  })
})
