import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { ANY, type EventStoreDBClient } from '@eventstore/db-client'
import { expect, it } from 'vitest'

import { end, spawnMain, spawnNode } from './node-process.ts'
import { noted, noteOf, positionsFrom, range } from './server.ts'

const kills = 200
const writersPerNode = 8

/**
 * Writes to one stream, two events at a time. What is not answered is sent again, with the same ids, to the node
 * that comes next: it must end up in the stream once, wherever the one before was killed.
 */
class Writer {
  readonly stream: string
  readonly acknowledged: string[] = []
  #pending: { notes: string[]; events: ReturnType<typeof noted>[] } | undefined

  constructor(stream: string) {
    this.stream = stream
  }

  async writeUntilKilled(client: EventStoreDBClient): Promise<void> {
    for (;;) {
      const number = this.acknowledged.length
      const notes = [`${number}`, `${number + 1}`]
      this.#pending ??= { notes, events: notes.map(noted) }
      try {
        await client.appendToStream(this.stream, this.#pending.events, { expectedRevision: ANY })
      } catch {
        return
      }
      this.acknowledged.push(...this.#pending.notes)
      this.#pending = undefined
    }
  }
}

async function revisionsAndNotes(client: EventStoreDBClient, stream: string) {
  const revisions: number[] = []
  const notes: string[] = []
  for await (const resolved of client.readStream(stream)) {
    revisions.push(Number(resolved.event?.revision))
    notes.push(noteOf(resolved))
  }
  return { revisions, notes }
}

async function killAgainAndAgain(db: string, times: number): Promise<void> {
  const writers = range(0, writersPerNode).map((n) => new Writer(`note-${n}`))
  const count = (): number => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
  for (let kill = 0; kill < times; kill += 1) {
    if (kill % 8 === 7) {
      // Some are killed while they start, or are still reading back what the one before has left.
      const starting = spawnMain(db)
      await delay(Math.random() * 400)
      await end(starting, 'SIGKILL')
      continue
    }
    const node = await spawnNode(db)
    const writing = writers.map((writer) => writer.writeUntilKilled(node.client))
    const enough = count() + Math.floor(Math.random() * 400)
    while (count() < enough) await new Promise((resolve) => setImmediate(resolve))
    await end(node.process, 'SIGKILL')
    void node.client.dispose()
    await Promise.all(writing)
  }

  const node = await spawnNode(db, '--no-projections')
  for (const { stream, acknowledged } of writers) {
    const { revisions, notes } = await revisionsAndNotes(node.client, stream)
    expect(revisions).toEqual(range(0, revisions.length))
    expect(notes.slice(0, acknowledged.length)).toEqual(acknowledged)
    // Of an append that was under way at the end there is all or nothing.
    expect([0, 2]).toContain(notes.length - acknowledged.length)
  }
  const positions = await positionsFrom(node.client.readAll())
  expect(positions).toEqual(positions.toSorted((one, other) => (one < other ? -1 : 1)))
  expect(new Set(positions).size).toBe(positions.length)
  await end(node.process, 'SIGTERM')
  void node.client.dispose()
}

it(`killed ${kills} times under load: nothing acknowledged is lost, nothing is there twice, no revision is missing`, async () => {
  const db = await mkdtemp(join(tmpdir(), 'eventstoredb-killed-'))
  try {
    await killAgainAndAgain(db, kills)
  } finally {
    await rm(db, { recursive: true, force: true })
  }
}, 400_000)
