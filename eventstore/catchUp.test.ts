import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { noon } from '../domain/controls.ts'
import { catchUp, isUnreadable } from './catchUp.ts'
import { codecOf } from './codec.ts'
import { count, counter, counterEvents } from './counter.ts'
import { lossyProxy } from './lossyProxy.ts'
import { begin } from './metadata.ts'
import { writerOf } from './transact.ts'
import { startEventStore } from '../tests/startEventStore.ts'

const { node, client } = await startEventStore()

const cause = begin('request', 'somebody')
const codec = codecOf(counterEvents)
const append = async (id: string, times: number) => {
  const writer = writerOf(counter, { client, now: () => noon, newId: randomUUID })
  let position = 0n
  for (let n = 0; n < times; n++) ({ position } = await writer.transact(id, count(1), { cause }))
  return position
}

const noFault = (fault: unknown) => {
  throw fault
}

/** Follows the log until the given number of the stream's events has arrived; answers their revisions. */
const follow = async (
  id: string,
  howMany: number,
  {
    from = 0n,
    by = client,
    onFault = noFault,
  }: { from?: bigint; by?: EventStoreDBClient; onFault?: (fault: unknown) => void } = {},
  onArrival: (seen: number) => void = () => {},
) => {
  const done = new AbortController()
  const revisions: number[] = []
  for await (const { events } of catchUp({
    client: by,
    codec,
    from,
    maxBatch: 10,
    signal: done.signal,
    onFault,
  })) {
    for (const event of events)
      if (!isUnreadable(event) && event.stream === `counter-${id}`) revisions.push(event.revision)
    onArrival(revisions.length)
    if (revisions.length >= howMany) done.abort()
  }
  return revisions
}
const upTo = (n: number) => Array.from({ length: n }, (_, revision) => revision)

describe('catching up with the log', () => {
  it('gives what is there and then what comes, in order and once', async () => {
    const id = randomUUID()
    await append(id, 25)
    const following = follow(id, 50)
    await append(id, 25)
    expect(await following).toEqual(upTo(50))
  })

  it('begins after the position that it is given', async () => {
    const id = randomUUID()
    const from = await append(id, 3)
    await append(id, 2)
    expect(await follow(id, 2, { from })).toEqual([3, 4])
  })

  it('goes on where it was after a lost connection', async () => {
    const id = randomUUID()
    const proxy = await lossyProxy(node.port)
    const distant = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${proxy.port}?tls=false`)
    const faults: unknown[] = []
    const following = follow(id, 40, { by: distant, onFault: (fault) => faults.push(fault) }, (seen) => {
      if (seen === 20) proxy.cut()
    })
    await append(id, 20)
    await expect.poll(() => faults.length).toBeGreaterThan(0)
    await append(id, 20)
    expect(await following).toEqual(upTo(40))
    await distant.dispose()
    await proxy.stop()
  })

  it('hands on what it cannot read, instead of skipping it', async () => {
    const done = new AbortController()
    const stream = `counter-${randomUUID()}`
    await client.appendToStream(stream, jsonEvent({ type: 'Counted', data: { by: 'one' } }))
    for await (const { events } of catchUp({
      client,
      codec,
      from: 0n,
      maxBatch: 100,
      signal: done.signal,
      onFault: noFault,
    })) {
      const found = events.find((event) => isUnreadable(event) && event.stream === stream)
      if (!found) continue
      expect(found).toMatchObject({ type: 'Counted', fault: { name: 'UndecodableEvent' } })
      done.abort()
    }
  })

  it('advances over what it was not asked for', async () => {
    const done = new AbortController()
    let last = 0n
    for (let n = 0; n < 1_000; n += 100) {
      const others = Array.from({ length: 100 }, () => jsonEvent({ type: 'Other', data: {} }))
      const { position } = await client.appendToStream(`other-${randomUUID()}`, others)
      last = position?.commit ?? 0n
    }
    let reached = 0n
    for await (const batch of catchUp({
      client,
      codec,
      from: 0n,
      maxBatch: 100,
      signal: done.signal,
      onFault: noFault,
    })) {
      expect(batch.position).toBeGreaterThan(reached)
      reached = batch.position
      if (reached > last - 100_000n) done.abort()
    }
  })
})
