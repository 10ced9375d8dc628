import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { EventStoreDBNode, type NodeOptions } from '../node.ts'
import { linksIn, outputIn, projected, systemProjections } from './projecting.ts'
import { connect, noted, range, until } from './server.ts'

/** What a real node does otherwise, or what only we can do to ours. */
let db: string
let node: EventStoreDBNode
let client: EventStoreDBClient
beforeEach(async () => {
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
  await start()
})
afterEach(async () => {
  await stop()
  await rm(db, { recursive: true, force: true })
})

async function start(options: NodeOptions = {}): Promise<void> {
  node = await EventStoreDBNode.start({ db, ...options })
  client = connect(node.connectionString)
}

async function stop(): Promise<void> {
  void client.dispose()
  await node.stop()
}

async function restart(options: NodeOptions = {}): Promise<void> {
  await stop()
  await start(options)
}

async function append(stream: string, ...notes: string[]): Promise<void> {
  await projected(client, await client.appendToStream(stream, notes.map(noted)))
}

const caughtUp = (): Promise<void> =>
  until(
    async () => (await client.listProjections()).every(({ progress }) => progress === 100),
    'the projections have seen everything',
  )

describe('a fresh node', () => {
  it('runs the system projections', async () => {
    const statuses = (await client.listProjections()).map(({ name, status }) => [name, status])
    expect(statuses).toEqual(systemProjections.map((name) => [name, 'Running']))
  })

  it('keeps what they are in streams', async () => {
    expect((await outputIn(client, '$projections-$all')).map(({ type, data }) => [type, data])).toEqual([
      ['$ProjectionsInitialized', ''],
      ...systemProjections.map((name) => ['$ProjectionCreated', name]),
    ])
    const [definition] = await outputIn(client, '$projections-$by_category')
    expect(definition?.type).toBe('$ProjectionUpdated')
    expect(JSON.parse(definition?.data ?? '')).toMatchObject({
      query: 'first\r\n-',
      enabled: true,
      epoch: -1,
    })
  })

  it('has nothing more to write once they have seen everything', async () => {
    await append('note-1', 'a')
    await caughtUp()
    const end = async (): Promise<bigint | undefined> => {
      for await (const { event } of client.readAll({
        direction: 'backwards',
        fromPosition: 'end',
        maxCount: 1,
      }))
        return event?.position?.commit
      return undefined
    }
    const before = await end()
    await caughtUp()
    expect(await end()).toBe(before)
    for (const { position } of await client.listProjections())
      expect(position).toBe(`C:${before}/P:${before}`)
  })
})

describe('a restart', () => {
  it('lets them go on where they were', async () => {
    await append('note-1', 'a')
    await client.disableProjection('$streams')
    await restart()
    await append('note-2', 'b')
    expect(await linksIn(client, '$ce-note')).toEqual(['0@note-1', '0@note-2'])
    expect(await linksIn(client, '$streams')).toEqual(['0@note-1'])
    const { eventsProcessedAfterRestart, lastCheckpoint } = await client.getProjectionStatus('$by_category')
    expect(eventsProcessedAfterRestart).toBe(1n)
    expect(lastCheckpoint).not.toBe('C:0/P:-1')
    expect((await client.getProjectionStatus('$streams')).status).toBe('Stopped')
  })

  it('lets them see what was written while the node had none', async () => {
    await append('note-1', 'a')
    await restart({ projections: false })
    await client.appendToStream('note-1', noted('b'))
    await restart()
    await append('note-1', 'c')
    expect(await linksIn(client, '$ce-note')).toEqual(range(0, 3).map((n) => `${n}@note-1`))
  })

  it('begins at the start of a log that never had any', async () => {
    await rm(db, { recursive: true, force: true })
    await restart({ projections: false })
    await client.appendToStream('note-1', range(0, 2000).map(String).map(noted))
    await restart()
    await caughtUp()
    expect(await linksIn(client, '$ce-note')).toEqual(range(0, 2000).map((n) => `${n}@note-1`))
    expect(await linksIn(client, '$et-Noted')).toHaveLength(2000)
    expect(await linksIn(client, '$streams')).toEqual(['0@note-1'])
  })

  it('remembers a reset, and does not make the links again', async () => {
    await append('note-1', 'a')
    await client.resetProjection('$by_category')
    await caughtUp()
    await restart()
    await append('note-1', 'b')
    const versions = (await outputIn(client, '$ce-note')).map(({ data, metadata }) => [data, metadata['$v']])
    expect(versions).toEqual([
      ['0@note-1', '3:2:2:4'],
      ['1@note-1', '3:2:2:4'],
    ])
  })

  it('finds what someone made of a definition, says so, and can be told to start afresh', async () => {
    await append('note-1', 'a')
    await client.appendToStream('$projections-$by_category', jsonEvent({ type: 'Nonsense', data: {} }))
    await restart()
    const faulted = await client.getProjectionStatus('$by_category')
    expect(faulted.status).toBe('Faulted')
    expect(faulted.stateReason).toContain('$projections-$by_category')
    expect((await client.getProjectionStatus('$streams')).status).toBe('Running')
    await client.enableProjection('$by_category')
    await append('note-1', 'b')
    expect((await client.getProjectionStatus('$by_category')).status).toBe('Running')
    expect(await linksIn(client, '$ce-note')).toEqual(['0@note-1', '1@note-1'])
  })
})

describe('checkpoints', () => {
  it('come after so many events, and $by_event_type tells its readers of them', async () => {
    const notes = range(0, 500).map(String)
    for (const n of range(0, 9)) await client.appendToStream(`note-${n}`, notes.map(noted))
    await caughtUp()
    const [checkpoint] = await outputIn(client, '$projections-$by_event_type-checkpoint')
    expect(checkpoint?.type).toBe('$ProjectionCheckpoint')
    expect(checkpoint?.metadata['$c']).toBe(checkpoint?.metadata['$p'])
    const index = await outputIn(client, '$et')
    expect(index.map(({ type }) => type)).toEqual(['$Checkpoint'])
    expect(index[0]?.metadata).toEqual(checkpoint?.metadata)
    const { lastCheckpoint } = await client.getProjectionStatus('$by_event_type')
    expect(lastCheckpoint).toBe(
      `C:${String(checkpoint?.metadata['$c'])}/P:${String(checkpoint?.metadata['$p'])}`,
    )
  })
})

describe('the configuration', () => {
  it('of categories can be changed, and a reset applies it to what is there', async () => {
    await append('big-note-1', 'a')
    await client.updateProjection('$by_category', 'last\r\n-')
    await append('big-note-2', 'b')
    expect(await linksIn(client, '$ce-big')).toEqual(['0@big-note-1'])
    expect(await linksIn(client, '$ce-big-note')).toEqual(['0@big-note-2'])
    await restart()
    await client.resetProjection('$by_category')
    await caughtUp()
    expect(await linksIn(client, '$ce-big-note')).toEqual(['0@big-note-1', '0@big-note-2'])
  })

  it('of correlation ids names the property', async () => {
    await client.updateProjection('$by_correlation_id', '{"correlationIdProperty":"story"}')
    const event = jsonEvent({ type: 'Noted', data: {}, metadata: { story: 's', $correlationId: 'c' } })
    await projected(client, await client.appendToStream('note-1', event))
    expect(await linksIn(client, '$bc-s')).toEqual(['0@note-1'])
    expect(await linksIn(client, '$bc-c')).toEqual([])
  })

  it.each([
    ['$by_category', 'fromAll()'],
    ['$by_category', 'first\n--'],
    ['$by_category', 'middle\n-'],
    ['$by_category', ''],
    ['$by_correlation_id', '{}'],
    ['$by_correlation_id', 'story'],
    ['$streams', 'first\n-'],
    ['$by_event_type', 'fromAll()'],
  ])('of %s can not be %j', async (name, query) => {
    await expect(client.updateProjection(name, query)).rejects.toThrow(/INVALID_ARGUMENT/u)
    expect((await client.getProjectionStatus(name)).status).toBe('Running')
  })
})

describe('what this node does not have', () => {
  it.each([{}, { trackEmittedStreams: true }])('is JavaScript (%j)', async (options) => {
    await expect(client.createProjection('mine', 'fromAll()', options)).rejects.toThrow(
      /UNIMPLEMENTED.+JavaScript/u,
    )
  })

  it('is ways to delete system projections', async () => {
    await expect(client.deleteProjection('$streams')).rejects.toThrow(/system projection/u)
  })

  it('is state beside the streams', async () => {
    expect(await client.getProjectionState('$by_category')).toEqual({})
    expect(await client.getProjectionResult('$by_category')).toEqual({})
  })
})
