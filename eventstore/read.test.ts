import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { noon } from '../domain/controls.ts'
import { counter } from './counter.ts'
import { within } from './deadline.ts'
import { begin } from './metadata.ts'
import { readAfter, readBackwards, readForwards } from './read.ts'
import { streamOf } from './stream.ts'
import { startEventStore } from '../tests/startEventStore.ts'

const { node, client } = await startEventStore()

const cause = begin('request', 'somebody')
const totals = Array.from({ length: 1_203 }, (_, index) => index + 1)
const counted = async () => {
  const stream = streamOf(counter, randomUUID())
  const events = totals.map((total) =>
    counter.codec.encode({ type: 'Counted', data: { by: 1, total } }, randomUUID(), noon, cause),
  )
  await client.appendToStream(stream.name, events, { expectedRevision: NO_STREAM })
  return stream
}
const totalsOf = async (events: ReturnType<typeof readForwards<number, { data: { total: number } }>>) => {
  const read: number[] = []
  for await (const { data } of events) read.push(data.total)
  return read
}

it('reads a long stream whole, either way, and from a revision on', async () => {
  const stream = await counted()
  expect(await totalsOf(readForwards(client, stream, 0))).toEqual(totals)
  expect(await totalsOf(readForwards(client, stream, 1_000))).toEqual(totals.slice(1_000))
  expect(await totalsOf(readBackwards(client, stream))).toEqual(totals.toReversed())
})

it('reads what came after a position of the log, wherever in the stream that is', async () => {
  const stream = await counted()
  const positions: bigint[] = []
  for await (const { position } of readForwards(client, stream, 0)) positions.push(position)
  for (const index of [0, 1, 601, 1_201, 1_202]) {
    const position = positions[index] ?? 0n
    expect(await totalsOf(readAfter(client, stream, position))).toEqual(totals.slice(index + 1))
    expect(await totalsOf(readAfter(client, stream, position - 1n))).toEqual(totals.slice(index))
  }
  expect(await totalsOf(readAfter(client, stream, 0n))).toEqual(totals)
})

it('reads nothing from a stream that is not there', async () => {
  const stream = streamOf(counter, randomUUID())
  expect(await totalsOf(readForwards(client, stream, 0))).toEqual([])
  expect(await totalsOf(readBackwards(client, stream))).toEqual([])
  expect(await totalsOf(readAfter(client, stream, 0n))).toEqual([])
})

it('leaves nothing open in the client when the reader has seen enough', async () => {
  const reader = EventStoreDBClient.connectionString(node.connectionString)
  const stream = await counted()
  for await (const { data } of readForwards(reader, stream, 0)) if (data.total === 3) break
  for await (const { data } of readBackwards(reader, stream)) if (data.total === 1_200) break
  // Disposing waits for every open read.
  await within(2_000, 'disposing', reader.dispose())
})

it('leaves nothing open in the client when it meets what it can’t read', async () => {
  const reader = EventStoreDBClient.connectionString(node.connectionString)
  const stream = await counted()
  await client.appendToStream(stream.name, [
    jsonEvent({ type: 'Uncounted', data: {} }),
    counter.codec.encode({ type: 'Counted', data: { by: 1, total: 1_204 } }, randomUUID(), noon, cause),
  ])
  await expect(totalsOf(readForwards(reader, stream, 1_000))).rejects.toThrow('Uncounted')
  await within(2_000, 'disposing', reader.dispose())
})
