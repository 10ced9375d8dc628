import { ABORTED, FAULTED, jsonEvent, RUNNING, STOPPED, type EventStoreDBClient } from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { enableAll, linksIn, outputIn, projected, systemProjections } from './projecting.ts'
import { newStream, noted, range, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeEach(async () => {
  server = await startServer({ projections: true })
  client = server.client
  await enableAll(client)
})
afterEach(() => server.stop())

const newCategory = (): string => newStream('cat').replaceAll('-', '')

async function append(stream: string, ...notes: string[]): Promise<void> {
  await projected(client, await client.appendToStream(stream, notes.map(noted)))
}

const numbersIn = async (stream: string): Promise<number[]> => {
  const numbers: number[] = []
  for await (const { event } of client.readStream(stream)) numbers.push(Number(event?.revision))
  return numbers
}

const caughtUp = (name: string): Promise<void> =>
  until(async () => (await client.getProjectionStatus(name)).progress === 100, `${name} has seen everything`)

describe('statistics', () => {
  it('are there for one projection or for all of them', async () => {
    const names = (await client.listProjections()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...systemProjections]))
    expect((await client.getProjectionStatus('$by_category')).name).toBe('$by_category')
  })

  it('tell how far a projection has come', async () => {
    const category = newCategory()
    const { position } = await client.appendToStream(`${category}-1`, noted('a'))
    await caughtUp('$by_category')
    const details = await client.getProjectionStatus('$by_category')
    expect(details).toMatchObject({
      name: '$by_category',
      effectiveName: '$by_category',
      projectionStatus: RUNNING,
      stateReason: '',
      progress: 100,
      writesInProgress: 0,
      bufferedEvents: 0n,
    })
    expect(details.eventsProcessedAfterRestart).toBeGreaterThan(0n)
    const [commit, prepare] = [...details.position.matchAll(/\d+/gu)].map(([digits]) => BigInt(digits))
    expect(commit).toBeGreaterThanOrEqual(position?.commit ?? 0n)
    expect(prepare).toBe(commit)
    expect(await linksIn(client, `$ce-${category}`)).toEqual([`0@${category}-1`])
  })

  it.each([
    ['the status of', () => client.getProjectionStatus('nobody')],
    ['the state of', () => client.getProjectionState('nobody')],
    ['the result of', () => client.getProjectionResult('nobody')],
    ['enabling', () => client.enableProjection('nobody')],
    ['disabling', () => client.disableProjection('nobody')],
    ['aborting', () => client.abortProjection('nobody')],
    ['resetting', () => client.resetProjection('nobody')],
    ['updating', () => client.updateProjection('nobody', 'fromAll()')],
    ['deleting', () => client.deleteProjection('nobody')],
  ])('%s what there is not fails', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ type: 'not-found' })
    await expect(call()).rejects.toThrow(/Projection 'nobody' not found/u)
  })
})

describe('a disabled projection', () => {
  it('stops, and catches up when it is enabled', async () => {
    const category = newCategory()
    await append(`${category}-1`, 'a')
    await client.disableProjection('$by_category')
    const stopped = await client.getProjectionStatus('$by_category')
    expect(stopped.projectionStatus).toBe(STOPPED)
    expect(stopped.lastCheckpoint).toBe(stopped.position)
    await append(`${category}-1`, 'b', 'c')
    expect(await linksIn(client, `$ce-${category}`)).toEqual([`0@${category}-1`])
    await client.enableProjection('$by_category')
    await caughtUp('$by_category')
    expect((await client.getProjectionStatus('$by_category')).projectionStatus).toBe(RUNNING)
    expect(await linksIn(client, `$ce-${category}`)).toEqual(range(0, 3).map((n) => `${n}@${category}-1`))
  })

  it('can be aborted, and repeats nothing that it goes over again', async () => {
    const category = newCategory()
    const checkpoint = (await client.getProjectionStatus('$by_category')).lastCheckpoint
    await append(`${category}-1`, 'a', 'b')
    await client.abortProjection('$by_category')
    const aborted = await client.getProjectionStatus('$by_category')
    expect(aborted.projectionStatus).toBe(ABORTED)
    expect(aborted.lastCheckpoint).toBe(checkpoint)
    await append(`${category}-1`, 'c')
    await client.enableProjection('$by_category')
    await caughtUp('$by_category')
    expect(await linksIn(client, `$ce-${category}`)).toEqual(range(0, 3).map((n) => `${n}@${category}-1`))
  })

  it('may be switched while events flow', async () => {
    const category = newCategory()
    const flow = { ended: false }
    const writing = Promise.all(
      range(0, 8).map(async (writer) => {
        for (const n of range(0, 60)) await client.appendToStream(`${category}-${writer}`, noted(String(n)))
      }),
    ).finally(() => (flow.ended = true))
    for (let n = 0; !flow.ended; n += 1) {
      if (n % 2 === 0) await client.disableProjection('$by_category')
      else await client.abortProjection('$by_category')
      await client.enableProjection('$by_category')
    }
    await writing
    await caughtUp('$by_category')
    const links = await linksIn(client, `$ce-${category}`)
    expect(links.length).toBe(480)
    for (const writer of range(0, 8)) {
      const own = links.filter((link) => link.endsWith(`-${writer}`))
      expect(own).toEqual(range(0, 60).map((n) => `${n}@${category}-${writer}`))
    }
  })

  it('is no different for being told so twice', async () => {
    for (const name of ['$streams', '$streams']) await client.disableProjection(name)
    expect((await client.getProjectionStatus('$streams')).projectionStatus).toBe(STOPPED)
    for (const name of ['$streams', '$streams']) await client.enableProjection(name)
    expect((await client.getProjectionStatus('$streams')).projectionStatus).toBe(RUNNING)
  })
})

describe('a reset', () => {
  it('makes all links anew, each of which is there once', async () => {
    const category = newCategory()
    await append(`${category}-1`, 'a', 'b')
    await append(`${category}-2`, 'c')
    const before = await client.getProjectionStatus('$by_category')
    const links = await outputIn(client, `$ce-${category}`)
    await client.resetProjection('$by_category')
    await caughtUp('$by_category')
    const after = await client.getProjectionStatus('$by_category')
    expect(after.projectionStatus).toBe(RUNNING)
    expect(after.epoch).toBeGreaterThan(before.epoch)
    const anew = await outputIn(client, `$ce-${category}`)
    expect(anew.map(({ data }) => data)).toEqual(links.map(({ data }) => data))
    expect(anew.map(({ metadata }) => metadata['$v'])).not.toEqual(
      links.map(({ metadata }) => metadata['$v']),
    )
    expect(await numbersIn(`$ce-${category}`)).toEqual([3, 4, 5])
    await append(`${category}-1`, 'd')
    expect(await linksIn(client, `$ce-${category}`)).toEqual([
      ...links.map(({ data }) => data),
      `2@${category}-1`,
    ])
  })

  it('leaves what others keep in the metadata of a stream', async () => {
    const category = newCategory()
    await append(`${category}-1`, 'a')
    await client.setStreamMetadata(`$ce-${category}`, { cacheControl: 7, owner: 'someone' })
    await client.resetProjection('$by_category')
    await caughtUp('$by_category')
    const { metadata } = await client.getStreamMetadata(`$ce-${category}`)
    expect(metadata).toMatchObject({ cacheControl: 7, owner: 'someone', truncateBefore: 1 })
  })

  it('of a stopped projection waits until it is enabled', async () => {
    const category = newCategory()
    await append(`${category}-1`, 'a')
    await client.disableProjection('$by_category')
    await client.resetProjection('$by_category')
    expect((await client.getProjectionStatus('$by_category')).projectionStatus).toBe(STOPPED)
    expect(await numbersIn(`$ce-${category}`)).toEqual([0])
    await client.enableProjection('$by_category')
    await caughtUp('$by_category')
    expect(await numbersIn(`$ce-${category}`)).toEqual([1])
  })
})

describe('an output stream', () => {
  it('that was hard-deleted gets no more, which the status tells, and the others do', async () => {
    const [deleted, other] = [newCategory(), newCategory()]
    await append(`${deleted}-1`, 'a')
    await client.tombstoneStream(`$ce-${deleted}`)
    await client.appendToStream(`${deleted}-1`, noted('b'))
    await append(`${other}-1`, 'c')
    expect(await linksIn(client, `$ce-${other}`)).toEqual([`0@${other}-1`])
    const details = await client.getProjectionStatus('$by_category')
    expect(details.projectionStatus).not.toBe(FAULTED)
    expect(details.stateReason).toContain(`$ce-${deleted}`)
    await expect(linksIn(client, `$ce-${deleted}`)).rejects.toMatchObject({ type: 'stream-deleted' })
  })

  it('that was deleted comes back with the next link', async () => {
    const category = newCategory()
    await append(`${category}-1`, 'a', 'b')
    await client.deleteStream(`$ce-${category}`)
    await append(`${category}-1`, 'c')
    expect(await linksIn(client, `$ce-${category}`)).toEqual([`2@${category}-1`])
    expect(await numbersIn(`$ce-${category}`)).toEqual([2])
  })

  it('that others write to keeps its links in order', async () => {
    const category = newCategory()
    await append(`${category}-1`, 'a')
    await client.appendToStream(`$ce-${category}`, [
      noted('foreign'),
      jsonEvent({ type: 'Noted', data: {}, metadata: { $v: '1:2', $c: 'x' } }),
    ])
    await append(`${category}-1`, 'b')
    // Which looks up where the projection was.
    await client.restartSubsystem()
    await append(`${category}-1`, 'c')
    const types = (await outputIn(client, `$ce-${category}`)).map(({ type, data }) =>
      type === '$>' ? data : type,
    )
    expect(types).toEqual([`0@${category}-1`, 'Noted', 'Noted', `1@${category}-1`, `2@${category}-1`])
  })
})

it('after a restart of the projections everything is as before', async () => {
  const category = newCategory()
  await append(`${category}-1`, 'a')
  await client.disableProjection('$streams')
  await client.restartSubsystem()
  await append(`${category}-2`, 'b')
  expect((await client.getProjectionStatus('$streams')).projectionStatus).toBe(STOPPED)
  expect((await client.getProjectionStatus('$by_category')).projectionStatus).toBe(RUNNING)
  expect(await linksIn(client, `$ce-${category}`)).toEqual([`0@${category}-1`, `0@${category}-2`])
  expect(await linksIn(client, '$streams')).not.toContain(`0@${category}-2`)
})
