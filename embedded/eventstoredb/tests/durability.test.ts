import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ANY, type EventStoreDBClient } from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, noted, noteOf, notesIn, positionsFrom, range } from './server.ts'

const mainFile = fileURLToPath(new URL('../main.ts', import.meta.url))

let db: string
beforeEach(async () => {
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
})
afterEach(() => rm(db, { recursive: true, force: true }))

interface Child {
  readonly process: ChildProcess
  readonly client: EventStoreDBClient
}

async function spawnNode(): Promise<Child> {
  const child = spawn(process.execPath, [mainFile, '--port', '0', '--db', db], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The node ended with ${code}.`)))
    child.stdout.once('data', (chunk: Buffer) => resolve(/:(\d+)$/mu.exec(chunk.toString())?.[1] ?? ''))
  })
  return { process: child, client: connect(`esdb://127.0.0.1:${port}?tls=false`) }
}

async function end({ process: child, client }: Child, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
  void client.dispose()
}

/** Writes until the node is gone; says which notes were acknowledged, and when one is under way. */
async function writeUntilKilled(
  client: EventStoreDBClient,
  stream: string,
  from: number,
  acknowledged: string[],
): Promise<number> {
  for (let n = from; ; n += 1) {
    try {
      await client.appendToStream(stream, [noted(`${n}a`), noted(`${n}b`)], { expectedRevision: ANY })
      acknowledged.push(`${n}a`, `${n}b`)
    } catch {
      return n + 1
    }
  }
}

describe('killed at any moment', () => {
  it('loses nothing acknowledged, repeats nothing and leaves no gaps', async () => {
    const streams = range(0, 16).map((n) => `note-${n}`)
    const acknowledged = new Map(streams.map((stream): [string, string[]] => [stream, []]))
    const next = new Map(streams.map((stream) => [stream, 0]))
    for (let round = 0; round < 10; round += 1) {
      const child = await spawnNode()
      const writing = streams.map(async (stream) => {
        const reached = await writeUntilKilled(
          child.client,
          stream,
          next.get(stream) ?? 0,
          acknowledged.get(stream) ?? [],
        )
        next.set(stream, reached)
      })
      const count = (): number => [...acknowledged.values()].reduce((sum, notes) => sum + notes.length, 0)
      const before = count()
      const enough = before + 1 + Math.floor(Math.random() * 2000)
      while (count() < enough) await new Promise((resolve) => setImmediate(resolve))
      await end(child, 'SIGKILL')
      await Promise.all(writing)
    }

    const child = await spawnNode()
    for (const stream of streams) {
      const revisions: number[] = []
      const notes: string[] = []
      for await (const resolved of child.client.readStream(stream)) {
        revisions.push(Number(resolved.event?.revision))
        notes.push(noteOf(resolved))
      }
      expect(revisions).toEqual(range(0, revisions.length))
      expect(new Set(notes).size).toBe(notes.length)
      expect(new Set(notes).isSupersetOf(new Set(acknowledged.get(stream)))).toBe(true)
      // Two events of one append are there both or not at all.
      expect(notes.length % 2).toBe(0)
    }
    const positions = await positionsFrom(child.client.readAll())
    expect(new Set(positions).size).toBe(positions.length)
    await end(child, 'SIGTERM')
  }, 40_000)
})

describe('a restart', () => {
  it('keeps everything: events, revisions, metadata, deletions', async () => {
    const count = 1500
    let node = await EventStoreDBNode.start({ db, projections: false })
    let client = connect(node.connectionString)
    for (const n of range(0, count / 10))
      await client.appendToStream(
        `note-${n % 7}`,
        range(n * 10, 10)
          .map(String)
          .map(noted),
      )
    await client.setStreamMetadata('note-1', { maxCount: 2 })
    await client.deleteStream('note-2')
    await client.tombstoneStream('note-3')
    const positions = await positionsFrom(client.readAll())
    const notes = await notesIn(client, 'note-0')
    const last = await notesIn(client, 'note-1')
    void client.dispose()
    await node.stop()

    node = await EventStoreDBNode.start({ db, projections: false })
    client = connect(node.connectionString)
    expect(await positionsFrom(client.readAll())).toEqual(positions)
    expect(await notesIn(client, 'note-0')).toEqual(notes)
    expect(await notesIn(client, 'note-1')).toEqual(last)
    await expect(notesIn(client, 'note-2')).rejects.toMatchObject({ type: 'stream-not-found' })
    await expect(notesIn(client, 'note-3')).rejects.toMatchObject({ type: 'stream-deleted' })
    const { nextExpectedRevision, position } = await client.appendToStream('note-0', noted('after'))
    expect(nextExpectedRevision).toBe(BigInt(notes.length))
    expect(position?.commit).toBeGreaterThan(positions.at(-1) ?? 0n)
    void client.dispose()
    await node.stop()
  })
})

it('a directory takes one node at a time', async () => {
  const node = await EventStoreDBNode.start({ db })
  await expect(EventStoreDBNode.start({ db })).rejects.toThrow('in use')
  await node.stop()
  await (await EventStoreDBNode.start({ db })).stop()
})

describe('the program', () => {
  it('finishes what it is writing on SIGTERM', async () => {
    const child = await spawnNode()
    const acknowledged: string[] = []
    const writing = writeUntilKilled(child.client, 'note-1', 0, acknowledged)
    while (acknowledged.length < 100) await new Promise((resolve) => setImmediate(resolve))
    await end(child, 'SIGTERM')
    expect(child.process.exitCode).toBe(0)
    await writing
    const again = await spawnNode()
    expect(await notesIn(again.client, 'note-1')).toEqual(expect.arrayContaining(acknowledged))
    await end(again, 'SIGTERM')
  })

  it.each([
    ['a port that is taken', (port: number) => ['--port', String(port), '--db', db]],
    ['a port that is none', () => ['--port', 'many', '--db', db]],
    ['a directory that can not be used', () => ['--port', '0', '--db', join(mainFile, 'db')]],
  ])('says what is wrong with %s', async (_, argumentsFor) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const child = spawn(process.execPath, [mainFile, ...argumentsFor(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    await once(child, 'close')
    expect(child.exitCode).toBe(1)
    expect(complaint).toMatch(/^The EventStoreDB node can't run: .+/u)
    other.close()
  })

  it('answers health checks on the same port', async () => {
    const node = await EventStoreDBNode.start()
    expect((await fetch(`http://127.0.0.1:${node.port}/health/live`)).status).toBe(204)
    await node.stop()
  })
})
