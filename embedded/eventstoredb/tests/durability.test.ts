import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ANY, type EventStoreDBClient } from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { end, mainFile, spawnNode } from './node-process.ts'
import { connect, noted, notesIn, positionsFrom, range } from './server.ts'

let db: string
beforeEach(async () => {
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
})
afterEach(() => rm(db, { recursive: true, force: true }))

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

it('a directory of an earlier version is not taken for an empty one', async () => {
  await writeFile(join(db, 'data.mdb'), '')
  await expect(EventStoreDBNode.start({ db })).rejects.toThrow(`${db} was written by an earlier version`)
})

it('a directory takes one node at a time', async () => {
  const node = await EventStoreDBNode.start({ db })
  await expect(EventStoreDBNode.start({ db })).rejects.toThrow('in use')
  await node.stop()
  await (await EventStoreDBNode.start({ db })).stop()
})

describe('the program', () => {
  it('finishes what it is writing on SIGTERM', async () => {
    const child = await spawnNode(db)
    const acknowledged: string[] = []
    const writing = writeUntilKilled(child.client, 'note-1', 0, acknowledged)
    while (acknowledged.length < 100) await new Promise((resolve) => setImmediate(resolve))
    await end(child.process, 'SIGTERM')
    expect(child.process.exitCode).toBe(0)
    await writing
    const again = await spawnNode(db)
    expect(await notesIn(again.client, 'note-1')).toEqual(expect.arrayContaining(acknowledged))
    await end(again.process, 'SIGTERM')
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

  it('reads a whole store, and says whether it is as written', async () => {
    const writing = await spawnNode(db)
    for (const n of range(0, 20))
      await writing.client.appendToStream(`note-${n}`, range(0, 50).map(String).map(noted))
    await end(writing.process, 'SIGTERM')
    const run = async (): Promise<{ code: number | null; said: string }> => {
      const child = spawn(process.execPath, [mainFile, '--db', db, '--verify'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (said += chunk))
      await once(child, 'close')
      return { code: child.exitCode, said }
    }
    const good = await run()
    expect(good.code).toBe(0)
    expect(good.said).toMatch(/^\d{4,} events, all as written\.\n$/u)
    const [name = ''] = await readdir(join(db, 'log'))
    const path = join(db, 'log', name)
    const bytes = await readFile(path)
    bytes[5000] = (bytes[5000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const bad = await run()
    expect(bad.code).toBe(1)
    expect(bad.said).toContain(`The database is damaged: ${path} at byte`)
  })

  it('answers health checks on the same port', async () => {
    const node = await EventStoreDBNode.start()
    expect((await fetch(`http://127.0.0.1:${node.port}/health/live`)).status).toBe(204)
    await node.stop()
  })
})
