import {
  END,
  eventTypeFilter,
  jsonEvent,
  START,
  streamNameFilter,
  type Filter,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { fromAll, Message, rawRead, readResponse } from './raw-streams.ts'
import {
  connect,
  endOfAll,
  newStream,
  noted,
  noteOf,
  positionsFrom,
  range,
  startServer,
  take,
  until,
  type Server,
} from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const append = (stream: string, ...notes: string[]) => server.client.appendToStream(stream, notes.map(noted))

/** A word that no other stream and no other type begins with. */
const newWord = (): string => newStream('word').replaceAll('-', '')

interface Watched {
  once(event: 'caughtUp', listener: () => void): unknown
}
const caughtUp = (subscription: Watched): Promise<void> =>
  new Promise((resolve) => subscription.once('caughtUp', resolve))

describe('a filter', () => {
  it.each<[string, (word: string) => Filter]>([
    ['stream prefixes', (word) => streamNameFilter({ prefixes: [`${word}-`, 'nobody-'] })],
    ['a stream pattern', (word) => streamNameFilter({ regex: `^${word}-` })],
    ['a pattern found anywhere', (word) => streamNameFilter({ regex: `${word.slice(2)}-1` })],
    [
      'a pattern without regard to case',
      (word) => streamNameFilter({ regex: `(?i)^${word.toUpperCase()}-\\w+` }),
    ],
    ['a pattern with groups of .NET', (word) => streamNameFilter({ regex: `\\A(?<category>${word})-.*\\z` })],
  ])('by %s is for what is there and for what comes', async (_, filter) => {
    const word = newWord()
    await append(`${word}-1`, 'a')
    await append(newStream(), 'other')
    const subscription = server.client.subscribeToAll({ fromPosition: START, filter: filter(word) })
    const taken = take(subscription, 2)
    await caughtUp(subscription)
    await append(newStream(), 'other')
    await append(`${word}-1`, 'b')
    expect((await taken).map(noteOf)).toEqual(['a', 'b'])
  })

  it('may be by event type', async () => {
    const type = newWord()
    const stream = newStream()
    await append(stream, 'other')
    await server.client.appendToStream(stream, jsonEvent({ type, data: { note: 'a' } }))
    for (const filter of [eventTypeFilter({ prefixes: [type] }), eventTypeFilter({ regex: `^${type}$` })]) {
      const taken = await take(server.client.subscribeToAll({ fromPosition: START, filter }), 1)
      expect(taken.map(noteOf)).toEqual(['a'])
    }
  })

  it('compares prefixes letter by letter', async () => {
    const word = newWord()
    await append(`${word}-straße`, 'a')
    await append(`${word}-STRASSE`, 'b')
    const filter = streamNameFilter({ prefixes: [`${word}-stra`] })
    const subscription = server.client.subscribeToAll({ fromPosition: START, filter })
    const taken = take(subscription, 2)
    await caughtUp(subscription)
    await append(`${word}-strasse`, 'c')
    expect((await taken).map(noteOf)).toEqual(['a', 'c'])
  })

  it('that can not be understood is refused, and it is said why', async () => {
    const subscription = server.client.subscribeToAll({ filter: streamNameFilter({ regex: 'a++' }) })
    const failed = new Promise((resolve) => subscription.once('error', resolve))
    subscription.resume()
    expect(String(await failed)).toMatch(/INVALID_ARGUMENT.*quantifier/u)
  })
})

describe('a filtered read of $all', () => {
  /** Reads of the client have no filter. */
  async function read(options: {
    readonly word: string
    readonly count: number
    readonly backwards?: boolean
    readonly from?: 'end'
    readonly expression?: Message
  }): Promise<string[]> {
    const expression = options.expression ?? new Message().string(2, options.word)
    const { code, messages } = await rawRead(server.url, {
      all: fromAll(options.from),
      count: options.count,
      backwards: options.backwards === true,
      filter: new Message().bytes(1, expression).number(3, 16),
    })
    expect(code).toBe(0)
    return messages.map((message) => {
      const data = readResponse(message).getEvent()?.getEvent()?.getData_asU8() ?? new Uint8Array(0)
      return Buffer.from(data).toString()
    })
  }

  it('counts only what matches, in both directions', async () => {
    const word = newWord()
    for (const n of range(0, 60)) await append(n % 3 === 0 ? `${word}-${n}` : newStream(), String(n))
    const matching = range(0, 20).map((n) => `{"note":"${n * 3}"}`)
    expect(await read({ word, count: 1000 })).toEqual(matching)
    expect(await read({ word, count: 7 })).toEqual(matching.slice(0, 7))
    const backwards = { word, backwards: true, from: 'end' } as const
    expect(await read({ ...backwards, count: 1000 })).toEqual(matching.toReversed())
    expect(await read({ ...backwards, count: 7 })).toEqual(matching.slice(-7).toReversed())
  })

  it('prefers a pattern to prefixes', async () => {
    const word = newWord()
    await append(`${word}-1`, 'a')
    const expression = new Message().string(1, `^${word}-2`).string(2, word)
    expect(await read({ word, count: 10, expression })).toEqual([])
  })
})

describe('a filtered subscription', () => {
  interface Watching {
    readonly checkpoints: bigint[]
    readonly seen: ResolvedEvent[]
    readonly order: string[]
    readonly ready: Promise<void>
    stop(): Promise<void>
  }

  function watch(
    prefix: string,
    options: { checkpointInterval?: number; maxSearchWindow?: number; fromPosition?: Position | 'end' },
  ): Watching {
    const checkpoints: bigint[] = []
    const seen: ResolvedEvent[] = []
    const order: string[] = []
    const filter = streamNameFilter({
      prefixes: [prefix],
      checkpointInterval: options.checkpointInterval ?? 1,
      ...(options.maxSearchWindow === undefined ? {} : { maxSearchWindow: options.maxSearchWindow }),
      checkpointReached: (_, { commit }) => {
        checkpoints.push(commit)
        order.push(`checkpoint ${commit}`)
      },
    })
    const subscription = server.client.subscribeToAll({ fromPosition: options.fromPosition ?? START, filter })
    const ready = caughtUp(subscription)
    subscription.on('caughtUp', () => order.push('caught up'))
    subscription.on('data', (event: ResolvedEvent) => {
      seen.push(event)
      order.push(noteOf(event))
    })
    return { checkpoints, seen, order, ready, stop: () => subscription.unsubscribe() }
  }

  it('hears how far it has come, also where nothing matches', async () => {
    const watching = watch(newWord(), { checkpointInterval: 2, fromPosition: END })
    await watching.ready
    for (let written = 0; written < 384; written += 1) await append(newStream(), 'x')
    await until(() => watching.checkpoints.length >= 6, 'six checkpoints have come')
    await watching.stop()
    const { checkpoints } = watching
    expect(checkpoints).toEqual(checkpoints.toSorted((a, b) => Number(a - b)))
    expect(new Set(checkpoints).size).toBe(checkpoints.length)
  })

  it('hears so last before it has caught up, and never of a place that is none', async () => {
    const begin = await endOfAll(server.client)
    for (const n of range(0, 100)) await append(newStream(), String(n))
    const { position: last } = await append(newStream(), 'last')
    for (const fromPosition of [begin, END] as const) {
      const watching = watch(newWord(), { maxSearchWindow: 10, fromPosition })
      await watching.ready
      await watching.stop()
      const before = watching.order[watching.order.indexOf('caught up') - 1]
      const [word, position = ''] = before?.split(' ') ?? []
      expect(word).toBe('checkpoint')
      expect(BigInt(position)).toBeGreaterThanOrEqual(last?.commit ?? 0n)
      for (const checkpoint of watching.checkpoints) {
        expect(checkpoint).toBeGreaterThan(0n)
        expect(checkpoint).toBeLessThan(2n ** 63n)
      }
    }
  })

  it('can be resumed from every checkpoint, and misses nothing then', async () => {
    const word = newWord()
    const fromPosition = await endOfAll(server.client)
    for (const n of range(0, 200)) await append(n % 7 === 0 ? `${word}-${n}` : newStream(), String(n))
    const watching = watch(word, { maxSearchWindow: 8, fromPosition })
    await watching.ready
    await watching.stop()
    expect(watching.checkpoints.length).toBeGreaterThan(10)
    const filter = streamNameFilter({ prefixes: [word] })
    for (const commit of watching.checkpoints.filter((_, index) => index % 5 === 0)) {
      const rest = watching.seen.filter(({ event }) => (event?.position?.commit ?? 0n) > commit)
      if (rest.length === 0) continue
      const resumed = server.client.subscribeToAll({ fromPosition: { commit, prepare: commit }, filter })
      expect((await take(resumed, rest.length)).map(noteOf)).toEqual(rest.map(noteOf))
    }
  })

  it('hears of its place after the event at that place', async () => {
    const word = newWord()
    const watching = watch(word, { checkpointInterval: 1, maxSearchWindow: 1, fromPosition: END })
    await watching.ready
    await append(`${word}-1`, 'a')
    const told = (): string | undefined => watching.order[watching.order.indexOf('a') + 1]
    await until(() => watching.seen.length === 1 && told() !== undefined, 'it hears of it')
    await watching.stop()
    expect(told()).toBe(`checkpoint ${watching.seen[0]?.event?.position?.commit}`)
  })
})

it('on a node of its own a filtered subscription hears no more often than it has to', async () => {
  const node = await EventStoreDBNode.start({ projections: false })
  const client = connect(node.connectionString)
  const checkpoints: bigint[] = []
  const filter = streamNameFilter({
    prefixes: ['nobody'],
    checkpointInterval: 2,
    checkpointReached: (_, { commit }) => {
      checkpoints.push(commit)
    },
  })
  const subscription = client.subscribeToAll({ fromPosition: END, filter })
  const ready = caughtUp(subscription)
  subscription.resume()
  await ready
  for (const n of range(0, 384)) await client.appendToStream('note-1', noted(String(n)))
  // One where it has caught up, and one after every 64 events.
  await until(() => checkpoints.length === 7, 'all checkpoints have come')
  const positions = await positionsFrom(client.readStream('note-1'))
  expect(checkpoints.slice(1)).toEqual(range(1, 6).map((n) => positions[n * 64 - 1]))
  expect(checkpoints[0]).toBeLessThan(positions[0] ?? 0n)
  await subscription.unsubscribe()
  void client.dispose()
  await node.stop()
})
