import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import {
  BACKWARDS,
  END,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { consume, gather, type Answer } from './consuming.ts'
import { connect, newStream, noted, notesIn, until } from './server.ts'

/** Restarts are only ours to make, so these are for our own node. */
let db: string
let node: EventStoreDBNode
let client: EventStoreDBClient
let reports: string[]

beforeEach(async () => {
  reports = []
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
  await start()
})
afterEach(async () => {
  await stop()
  await rm(db, { recursive: true, force: true })
})

async function start(): Promise<void> {
  node = await EventStoreDBNode.start({ db, projections: false, report: (what) => reports.push(what) })
  client = connect(node.connectionString)
}

async function stop(): Promise<void> {
  void client.dispose()
  await node.stop()
}

async function restart(): Promise<void> {
  await stop()
  await start()
}

const eager = streamSettings({ startFrom: START, checkPointLowerBound: 1, checkPointUpperBound: 1 })

const statsOf = async (stream: string) =>
  (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats

async function streamWith(notes: readonly string[], settings = eager): Promise<string> {
  const stream = newStream()
  await client.createPersistentSubscriptionToStream(stream, 'g', settings)
  await client.appendToStream(stream, notes.map(noted))
  return stream
}

/** A copy of a stream's last event, which is JSON. */
async function lastIn(stream: string) {
  for await (const { event } of client.readStream(stream, { fromRevision: END, direction: BACKWARDS })) {
    if (event?.isJson === true) return jsonEvent({ type: event.type, data: event.data })
  }
  throw new Error(`${stream} has no last event.`)
}

/** Consumes with these answers until a condition holds, then is gone. */
async function consumeUntil(
  stream: string,
  answers: Readonly<Record<string, Answer>>,
  holds: (seen: readonly string[]) => boolean | Promise<boolean>,
): Promise<readonly string[]> {
  const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
  const { seen } = await gather(consumer, (note) => answers[note] ?? 'ack')
  await until(() => holds(seen), 'as much as expected has been consumed')
  await consumer.unsubscribe()
  return seen
}

describe('after a restart of the node', () => {
  it('a group has its settings, goes on after its checkpoint, and has what it parked', async () => {
    const settings = allSettings({ startFrom: START, checkPointUpperBound: 1, maxRetryCount: 7 })
    await client.createPersistentSubscriptionToAll('of-all', settings)
    const stream = await streamWith(['a', 'b', 'c', 'd', 'e'])
    await consumeUntil(
      stream,
      { b: 'park', d: 'none' },
      async (seen) => seen.length === 5 && (await statsOf(stream)).lastCheckpointedEventRevision === 2n,
    )
    await restart()
    expect((await client.getPersistentSubscriptionToAllInfo('of-all')).settings).toEqual(settings)
    expect(await statsOf(stream)).toMatchObject({
      parkedMessageCount: 1n,
      lastCheckpointedEventRevision: 2n,
    })
    expect(await consumeUntil(stream, {}, (seen) => seen.length === 2)).toEqual(['d', 'e'])
  })

  it('an event is tried as if for the first time', async () => {
    const stream = await streamWith(['a'])
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer, (_, retries) => (retries < 2 ? 'retry' : 'none'))
    await until(() => seen.at(-1) === 'a+2', 'it has been tried again')
    await consumer.unsubscribe()
    await restart()
    expect(await consumeUntil(stream, {}, (seen) => seen.length === 1)).toEqual(['a'])
  })

  it('a group that starts at the end and has no checkpoint gets only what is new', async () => {
    const stream = await streamWith(['a'], streamSettings({ startFrom: END }))
    await restart()
    await client.appendToStream(stream, noted('b'))
    expect(await consumeUntil(stream, {}, (seen) => seen.length === 1)).toEqual(['b'])
  })

  it('what was being replayed is still parked, as far as it was not done with', async () => {
    const stream = await streamWith(['a', 'b'])
    await consumeUntil(
      stream,
      { a: 'park', b: 'park' },
      async () => (await statsOf(stream)).parkedMessageCount === 2n,
    )
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer, (note) => (note === 'a' ? 'ack' : 'none'))
    await client.replayParkedMessagesToStream(stream, 'g')
    await until(() => seen.length === 2, 'both are replayed')
    const { status } = await client.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(status).toBe('ReplayingParkedMessages, Live')
    await consumer.unsubscribe()
    await restart()
    expect((await statsOf(stream)).parkedMessageCount).toBe(2n)
    await client.replayParkedMessagesToStream(stream, 'g')
    expect(
      await consumeUntil(stream, {}, async () => (await statsOf(stream)).parkedMessageCount === 0n),
    ).toEqual(['a', 'b'])
  })

  it('a deleted group is no more', async () => {
    const stream = await streamWith(['a'])
    await client.deletePersistentSubscriptionToStream(stream, 'g')
    await restart()
    await expect(statsOf(stream)).rejects.toMatchObject({ type: 'persistent-subscription-does-not-exist' })
  })
})

describe('a restart of the subsystem', () => {
  it('drops all clients, and lets each group go on after its checkpoint', async () => {
    const stream = await streamWith(['a', 'b'])
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const dropped = new Promise((resolve) => consumer.once('error', resolve))
    await gather(consumer, (note) => (note === 'a' ? 'ack' : 'none'))
    await until(
      async () => (await statsOf(stream)).lastCheckpointedEventRevision === 0n,
      'the first is acknowledged',
    )
    await client.restartPersistentSubscriptionSubsystem()
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    const next = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(next, 1)).toEqual(['b'])
    await next.unsubscribe()
  })

  it('forgets sources that have no groups any more', async () => {
    const stream = await streamWith(['a'])
    await client.deletePersistentSubscriptionToStream(stream, 'g')
    expect(await client.listPersistentSubscriptionsToStream(stream)).toEqual([])
    await client.restartPersistentSubscriptionSubsystem()
    await expect(client.listPersistentSubscriptionsToStream(stream)).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
    })
  })

  it('says what is wrong with a configuration that can not be read, and until then nobody has groups', async () => {
    await streamWith(['a'])
    const good = await lastIn('$persistentSubscriptionConfig')
    await client.appendToStream('$persistentSubscriptionConfig', noted('garbage'))
    await expect(client.restartPersistentSubscriptionSubsystem()).rejects.toMatchObject({
      type: 'persistent-subscription-failed',
      streamName: '',
      groupName: '',
    })
    await expect(client.listAllPersistentSubscriptions()).rejects.toMatchObject({ type: 'unavailable' })
    expect(reports).toEqual([expect.stringContaining('$persistentSubscriptionConfig')])
    await client.appendToStream('$persistentSubscriptionConfig', good)
    await client.restartPersistentSubscriptionSubsystem()
    expect(await client.listAllPersistentSubscriptions()).toHaveLength(1)
  })
})

describe('a node that is killed', () => {
  it('after a message was parked and before the checkpoint: it comes again, and stays parked', async () => {
    await stop()
    const first = await spawnNode()
    const settings = streamSettings({ startFrom: START, checkPointAfter: 0 })
    client = connect(first.url)
    const stream = await streamWith(['a', 'b'], settings)
    await consumeUntil(
      stream,
      { a: 'park' },
      async (seen) => seen.length === 2 && (await statsOf(stream)).parkedMessageCount === 1n,
    )
    await first.kill()
    void client.dispose()
    await start()
    expect((await statsOf(stream)).parkedMessageCount).toBe(1n)
    expect(await consumeUntil(stream, {}, (seen) => seen.length === 2)).toEqual(['a', 'b'])
    expect(await notesIn(client, stream)).toEqual(['a', 'b'])
  })
})

async function spawnNode(): Promise<{ url: string; kill(): Promise<void> }> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--port', '0', '--db', db], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The node ended with ${code}.`)))
    child.stdout.on('data', (chunk: Buffer) => {
      const [, found] = /listening on .*:(\d+)$/mu.exec(chunk.toString()) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    kill: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
