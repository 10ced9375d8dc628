import { EventStoreDBClient, NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { noon } from '../domain/controls.ts'
import { count, counter } from './counter.ts'
import type { Counted } from './counter.ts'
import { impossible } from './decision.ts'
import { lossyProxy } from './lossyProxy.ts'
import { begin } from './metadata.ts'
import { readForwards } from './read.ts'
import { streamOf } from './stream.ts'
import { writerOf } from './transact.ts'
import { startEventStore } from '../tests/startEventStore.ts'

const { node, client } = await startEventStore()

const cause = begin('request', 'somebody')
const writerOn = (client: EventStoreDBClient, maxWaiting?: number) =>
  writerOf(counter, {
    client,
    now: () => noon,
    newId: randomUUID,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  })

const eventsOf = async (id: string) => {
  const events = []
  for await (const event of readForwards(client, streamOf(counter, id), 0)) events.push(event)
  return events
}
const totals = async (id: string) => (await eventsOf(id)).map(({ data }) => data.total)

const appendBehind = (id: string, total: number, revision: number) =>
  client.appendToStream(
    `counter-${id}`,
    counter.codec.encode({ type: 'Counted', data: { by: 0, total } }, randomUUID(), noon, cause),
    { expectedRevision: revision < 0 ? NO_STREAM : BigInt(revision) },
  )

describe('transact', () => {
  it('appends what was decided, with the cause, and answers the new state', async () => {
    const id = randomUUID()
    const outcome = await writerOn(client).transact(id, count(5), { cause })
    expect(outcome).toMatchObject({ state: 5, revision: 0, events: [{ type: 'Counted' }] })
    const [event] = await eventsOf(id)
    expect(event).toMatchObject({
      data: { total: 5 },
      position: outcome.position,
      metadata: { $correlationId: 'request', actor: 'somebody', at: noon.toISOString(), schema: 1 },
    })
  })

  it('appends nothing for a refusal', async () => {
    const id = randomUUID()
    expect(await writerOn(client).transact(id, count(10_001), { cause })).toMatchObject({
      refused: 'TOO_MANY',
    })
    expect(await eventsOf(id)).toEqual([])
  })

  it('decides again on the newer state when somebody was faster', async () => {
    const id = randomUUID()
    const writer = writerOn(client)
    await writer.transact(id, count(1), { cause })
    await appendBehind(id, 100, 0)
    expect(await writer.transact(id, count(1), { cause })).toMatchObject({ state: 101, revision: 2 })
  })

  it('does not refuse on a state that it only remembers', async () => {
    const id = randomUUID()
    const writer = writerOn(client)
    await writer.transact(id, count(10_000), { cause })
    await appendBehind(id, 0, 0)
    expect(await writer.transact(id, count(1), { cause })).toMatchObject({ state: 1 })
  })

  it('takes what the caller knows, and finds out when that is out of date', async () => {
    const id = randomUUID()
    const known = { state: 0, revision: -1 }
    expect(await writerOn(client).transact(id, count(1), { cause, known })).toMatchObject({ state: 1 })
    expect(await writerOn(client).transact(id, count(1), { cause, known })).toMatchObject({ state: 2 })
  })

  it('decides commands that wait for one stream together, and appends them at once', async () => {
    const id = randomUUID()
    const writer = writerOn(client)
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () => writer.transact(id, count(1), { cause })),
    )
    expect(outcomes.map(({ state }) => state)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
    expect(new Set(outcomes.map(({ position }) => position)).size).toBeLessThan(20)
    expect(await totals(id)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
  })

  it('lets a refused or failing command not touch its neighbours', async () => {
    const id = randomUUID()
    const writer = writerOn(client)
    const broken = (): readonly Counted[] => {
      throw new Error('a defect')
    }
    const [first, refused, failed, last] = await Promise.allSettled([
      writer.transact(id, count(1), { cause }),
      writer.transact(id, count(10_000), { cause }),
      writer.transact(id, broken, { cause }),
      writer.transact(id, count(2), { cause }),
    ])
    expect(first).toMatchObject({ status: 'fulfilled', value: { state: 1 } })
    expect(refused).toMatchObject({ status: 'fulfilled', value: { refused: 'TOO_MANY' } })
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'a defect' } })
    expect(last).toMatchObject({ status: 'fulfilled', value: { state: 3 } })
    expect(await totals(id)).toEqual([1, 3])
  })

  it('appends nothing of a command whose second event can not be folded', async () => {
    const id = randomUUID()
    const upwards: typeof counter = {
      ...counter,
      evolve: (total, event) =>
        event.data.by < 0 ? impossible('a count that goes down') : counter.evolve(total, event),
    }
    const writer = writerOf(upwards, { client, now: () => noon, newId: randomUUID })
    const upAndDown = (total: number): readonly Counted[] => [
      { type: 'Counted', data: { by: 1, total: total + 1 } },
      { type: 'Counted', data: { by: -1, total } },
    ]
    const [failed, next] = await Promise.allSettled([
      writer.transact(id, upAndDown, { cause, known: { state: 0, revision: -1 } }),
      writer.transact(id, count(5), { cause }),
    ])
    expect(failed).toMatchObject({ status: 'rejected' })
    expect(next).toMatchObject({ status: 'fulfilled', value: { state: 5, revision: 0 } })
    expect(await totals(id)).toEqual([5])
  })

  it('keeps every count when several writers compete for a stream', async () => {
    const id = randomUUID()
    const twenty = (writer = writerOn(client)) =>
      Array.from({ length: 20 }, () => writer.transact(id, count(1), { cause }))
    await Promise.all([...twenty(), ...twenty(), ...twenty()])
    expect(await totals(id)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
  })

  it('turns commands away when too many wait', async () => {
    const id = randomUUID()
    const writer = writerOn(client, 2)
    const asked = Array.from({ length: 5 }, () => writer.transact(id, count(1), { cause }))
    const settled = await Promise.allSettled(asked)
    expect(settled.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'Overloaded' },
    })
    expect(await totals(id)).toHaveLength(settled.filter(({ status }) => status === 'fulfilled').length)
  })

  it('does not append twice when the answer to an append is lost', async () => {
    const proxy = await lossyProxy(node.port)
    const distant = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${proxy.port}?tls=false`)
    const writer = writerOn(distant)
    const id = randomUUID()
    await writer.transact(id, count(1), { cause })
    proxy.loseAnswers()
    const answer = writer.transact(id, count(1), { cause })
    await expect.poll(() => totals(id)).toEqual([1, 2])
    proxy.cut()
    expect(await answer).toMatchObject({ state: 2, revision: 1 })
    expect(await totals(id)).toEqual([1, 2])
    await distant.dispose()
    await proxy.stop()
  })
})
