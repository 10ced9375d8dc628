import { BACKWARDS, END, FORWARDS, START, type ReadRevision } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  endOfAll,
  exists,
  newStream,
  noted,
  noteOf,
  notesIn,
  positionsFrom,
  range,
  startServer,
  type Server,
} from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  await server.client.appendToStream(stream, range(0, count).map(String).map(noted))
  return stream
}

interface Options {
  readonly direction?: 'forwards' | 'backwards'
  readonly fromRevision?: ReadRevision
  readonly maxCount?: number
}

const read = async (stream: string, options: Options): Promise<number[]> =>
  (await notesIn(server.client, stream, options)).map(Number)

describe('a stream', () => {
  it.each([1, 31, 32, 33, 127, 128, 129, 300])('of %i events is read from either end', async (count) => {
    const stream = await streamOf(count)
    const backwards = { direction: BACKWARDS, fromRevision: END } as const
    expect(await read(stream, {})).toEqual(range(0, count))
    expect(await read(stream, backwards)).toEqual(range(0, count).toReversed())
    expect(await read(stream, { ...backwards, maxCount: 1 })).toEqual([count - 1])
  })

  it('is read from any revision on, inclusive', async () => {
    const stream = await streamOf(300)
    expect(await read(stream, { fromRevision: 290n })).toEqual(range(290, 10))
    expect(await read(stream, { fromRevision: 10n, maxCount: 3 })).toEqual([10, 11, 12])
    expect(await read(stream, { fromRevision: 10n, maxCount: 200 })).toEqual(range(10, 200))
    expect(await read(stream, { direction: BACKWARDS, fromRevision: 2n })).toEqual([2, 1, 0])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: START })).toEqual([0])
  })

  it('has nothing after its end, and its end is where one looks from beyond it', async () => {
    const stream = await streamOf(300)
    expect(await read(stream, { fromRevision: 300n })).toEqual([])
    expect(await read(stream, { fromRevision: 2n ** 62n })).toEqual([])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: 1000n, maxCount: 2 })).toEqual([299, 298])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: 2n ** 62n, maxCount: 1 })).toEqual([299])
  })

  it('that never was is not found', async () => {
    await expect(read(newStream(), {})).rejects.toMatchObject({ type: 'stream-not-found' })
    const backwards = { direction: BACKWARDS, fromRevision: END } as const
    await expect(read(newStream(), backwards)).rejects.toMatchObject({ type: 'stream-not-found' })
  })

  it('may be named as one likes, and its events too', async () => {
    for (const name of ['größe 日本 🙂', 'with@sign', '-', 'a'.repeat(3000), ' padded ', 'new\nline']) {
      const stream = newStream(name)
      await server.client.appendToStream(stream, [noted(name)])
      expect(await notesIn(server.client, stream)).toEqual([name])
    }
  })
})

it('any number of reads in a row may find nothing', async () => {
  for (let reads = 0; reads < 1500; reads += 1) expect(await exists(server.client, newStream())).toBe(false)
  const stream = await streamOf(1)
  expect(await read(stream, {})).toEqual([0])
})

it('many reads at once get what is theirs', async () => {
  const streams = await Promise.all(range(0, 20).map((n) => streamOf(100 + n)))
  const reads = await Promise.all([...streams, ...streams].map((stream) => read(stream, {})))
  expect(reads.map(({ length }) => length)).toEqual([...range(100, 20), ...range(100, 20)])
})

it('events of a mebibyte are read whole, many in a row', async () => {
  const stream = newStream()
  const note = 'x'.repeat(1024 * 1024 - 100)
  for (const n of range(0, 20)) await server.client.appendToStream(stream, noted(`${n} ${note}`))
  const notes: string[] = []
  for await (const resolved of server.client.readStream(stream)) notes.push(noteOf(resolved))
  expect(notes.map((text) => [text.split(' ')[0], text.length > note.length])).toEqual(
    range(0, 20).map((n) => [String(n), true]),
  )
})

describe('$all', () => {
  /** Others may write to the same server: what is expected is about these positions only. */
  async function written(count: number): Promise<bigint[]> {
    const stream = newStream()
    const positions: bigint[] = []
    for (const n of range(0, count)) {
      const { position } = await server.client.appendToStream(stream, noted(String(n)))
      positions.push(position?.commit ?? 0n)
    }
    return positions
  }
  const place = (at: bigint) => ({ commit: at, prepare: at })
  const only = (wanted: readonly bigint[], found: readonly bigint[]): bigint[] =>
    found.filter((position) => wanted.includes(position))

  it('has every event once, in the order of positions, in both directions', async () => {
    const fromPosition = await endOfAll(server.client)
    const mine = await written(50)
    const forwards = await positionsFrom(server.client.readAll({ fromPosition }))
    expect(new Set(forwards).size).toBe(forwards.length)
    expect(forwards).toEqual(forwards.toSorted((a, b) => Number(a - b)))
    expect(only(mine, forwards)).toEqual(mine)
    const maxCount = 10 * forwards.length
    const backwards = await positionsFrom(
      server.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount }),
    )
    expect(only(forwards, backwards).toReversed()).toEqual(forwards)
  })

  it('is read forwards from a position on, backwards from before it', async () => {
    const mine = await written(10)
    const at = mine[4] ?? 0n
    const forwards = server.client.readAll({ direction: FORWARDS, fromPosition: place(at) })
    expect(only(mine, await positionsFrom(forwards))).toEqual(mine.slice(4))
    const [first] = await positionsFrom(server.client.readAll({ fromPosition: place(at), maxCount: 1 }))
    expect(first).toBe(at)
    const backwards = server.client.readAll({ direction: BACKWARDS, fromPosition: place(at), maxCount: 1000 })
    const before = await positionsFrom(backwards)
    expect(only(mine, before)).toEqual(mine.slice(0, 4).toReversed())
    expect(before[0]).toBeLessThan(at)
  })

  it('has nothing before its start and nothing beyond its end', async () => {
    await written(1)
    const beyond = place(2n ** 50n)
    expect(await positionsFrom(server.client.readAll({ fromPosition: END }))).toEqual([])
    expect(await positionsFrom(server.client.readAll({ direction: BACKWARDS, fromPosition: START }))).toEqual(
      [],
    )
    expect(await positionsFrom(server.client.readAll({ fromPosition: beyond }))).toEqual([])
    const backwards = server.client.readAll({ direction: BACKWARDS, fromPosition: beyond })
    expect(await positionsFrom(backwards)).toEqual([])
  })

  it('is read in as many events as are asked for', async () => {
    await written(5)
    for (const maxCount of [1, 2, 5]) {
      const backwards = server.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount })
      expect(await positionsFrom(backwards)).toHaveLength(maxCount)
    }
  })

  it('refuses a position at which no event begins', async () => {
    const [at = 0n] = await written(2)
    const inside = place(at + 1n)
    await expect(positionsFrom(server.client.readAll({ fromPosition: inside }))).rejects.toThrow(/UNKNOWN/u)
    const subscription = server.client.subscribeToAll({ fromPosition: inside })
    const failed = new Promise((resolve) => subscription.once('error', resolve))
    subscription.resume()
    expect(String(await failed)).toMatch(/INVALID_ARGUMENT.*invalid position/u)
  })

  it('has events before anyone has written', async () => {
    const [first] = await positionsFrom(server.client.readAll({ maxCount: 1 }))
    expect(first).toBeGreaterThan(0n)
  })

  it('has what readers of streams do not see: metadata, deletions and the events of deleted streams', async () => {
    const fromPosition = await endOfAll(server.client)
    const stream = await streamOf(2)
    await server.client.setStreamMetadata(stream, { maxCount: 1 })
    await server.client.deleteStream(stream)
    await server.client.tombstoneStream(stream)
    const seen: [string, string][] = []
    for await (const { event } of server.client.readAll({ fromPosition })) {
      if (event?.streamId === stream || event?.streamId === `$$${stream}`)
        seen.push([event.streamId.slice(0, 2), event.type])
    }
    expect(seen).toEqual([
      [stream.slice(0, 2), 'Noted'],
      [stream.slice(0, 2), 'Noted'],
      ['$$', '$metadata'],
      ['$$', '$metadata'],
      [stream.slice(0, 2), '$streamDeleted'],
    ])
  })
})
