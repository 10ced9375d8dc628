import { describe, expect, it } from 'vitest'

import { Consumer, harness, messageOf, type Harness } from './group-harness.ts'

function send({ group, progress }: Harness, streams: readonly string[]): void {
  for (const [sequence, stream] of streams.entries()) {
    group.enqueue(messageOf(progress, `${stream}${sequence}`, { sequence, stream }))
  }
  group.dispatch(0)
}

const streamsOf = (client: Consumer): string[] => [...new Set(client.got.map((id) => id.charAt(0)))]

describe('RoundRobin', () => {
  it('takes turns, and passes over who is full', () => {
    const { group, enqueue } = harness('RoundRobin')
    const [one, two] = [new Consumer(1), new Consumer(3)]
    for (const client of [one, two]) group.join(client, 0)
    enqueue('a', 'b', 'c', 'd', 'e')
    group.dispatch(0)
    expect([one.got, two.got]).toEqual([['a'], ['b', 'c', 'd']])
    group.ack(one, ['a'], 0)
    expect(one.got).toEqual(['a', 'e'])
  })
})

describe('DispatchToSingle', () => {
  it('keeps to one client until that is full, then to the next until that is', () => {
    const { group, enqueue } = harness('DispatchToSingle')
    const [one, two] = [new Consumer(2), new Consumer(2)]
    for (const client of [one, two]) group.join(client, 0)
    enqueue('a', 'b', 'c')
    group.dispatch(0)
    expect([one.got, two.got]).toEqual([['a', 'b'], ['c']])
    group.ack(one, ['a', 'b'], 0)
    enqueue('d', 'e')
    group.dispatch(0)
    expect([one.got, two.got]).toEqual([
      ['a', 'b', 'e'],
      ['c', 'd'],
    ])
  })
})

describe('Pinned', () => {
  it('keeps a stream with its client, and lets others pass when that is full', () => {
    const pinned = harness('Pinned')
    const clients = [new Consumer(1), new Consumer(1)]
    for (const client of clients) pinned.group.join(client, 0)
    send(pinned, ['s', 's', 't', 'u', 'v', 'w'])
    const [owner, other] = clients[0]?.got[0] === 's0' ? clients : clients.toReversed()
    expect(owner?.got).toEqual(['s0'])
    expect(other?.got).toHaveLength(1)
    expect(other?.got[0]).not.toMatch(/^s/u)
    if (owner !== undefined) pinned.group.ack(owner, ['s0'], 0)
    expect(owner?.got).toEqual(['s0', 's1'])
  })

  it('gives a newcomer its share, and leaves the rest where it was', () => {
    const pinned = harness('Pinned')
    const [first, newcomer] = [new Consumer(100), new Consumer(100)]
    const streams = ['r', 's', 't', 'u', 'v', 'w']
    pinned.group.join(first, 0)
    send(pinned, streams)
    expect(streamsOf(first)).toEqual(streams)
    pinned.group.join(newcomer, 0)
    first.got.length = 0
    send(pinned, streams)
    expect(streamsOf(newcomer)).toHaveLength(3)
    expect([...streamsOf(first), ...streamsOf(newcomer)].toSorted()).toEqual(streams)
  })

  it('gives what a leaving client had to those who stay', () => {
    const pinned = harness('Pinned')
    const [one, two] = [new Consumer(100), new Consumer(100)]
    for (const client of [one, two]) pinned.group.join(client, 0)
    const streams = ['r', 's', 't', 'u']
    send(pinned, streams)
    const staying = streamsOf(two)
    pinned.group.leave(one, 0)
    expect(streamsOf(two).toSorted()).toEqual(streams)
    expect(staying).toHaveLength(2)
  })

  it('puts what is tried again before what is new, for each client by itself', () => {
    const pinned = harness('Pinned')
    const [one, two] = [new Consumer(1), new Consumer(1)]
    for (const client of [one, two]) pinned.group.join(client, 0)
    send(pinned, ['s', 't', 's', 't'])
    const owner = one.got[0] === 's0' ? one : two
    pinned.group.nack(owner, ['s0'], 'retry', '', 0)
    expect(owner.got).toEqual(['s0', 's0+1'])
    pinned.group.ack(owner, ['s0'], 0)
    expect(owner.got).toEqual(['s0', 's0+1', 's2'])
  })
})

describe('PinnedByCorrelation', () => {
  const correlated = (id: string): string => JSON.stringify({ $correlationId: id })

  it('keeps together what has one $correlationId, from whatever stream', () => {
    const { group, progress } = harness('PinnedByCorrelation')
    const clients = [new Consumer(100), new Consumer(100)]
    for (const client of clients) group.join(client, 0)
    for (let sequence = 0; sequence < 12; sequence += 1) {
      const [key, stream] = [`k${sequence % 3}`, `s${sequence}`]
      group.enqueue(messageOf(progress, key, { sequence, stream, metadata: correlated(key) }))
    }
    group.dispatch(0)
    for (const key of ['k0', 'k1', 'k2']) {
      expect(clients.filter((client) => client.got.includes(key))).toHaveLength(1)
    }
  })

  it('goes by the stream where there is none, or where the metadata is no JSON', () => {
    const { group, progress } = harness('PinnedByCorrelation')
    const clients = [new Consumer(100), new Consumer(100)]
    for (const client of clients) group.join(client, 0)
    for (const [sequence, metadata] of ['', '{}', 'null', 'not json', '{"$correlationId":1}'].entries()) {
      group.enqueue(messageOf(progress, 'same', { sequence, stream: 'one', metadata }))
    }
    group.dispatch(0)
    expect(clients.map((client) => client.got.length)).toContain(5)
  })
})
