import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { EventStoreDBClient } from '@eventstore/db-client'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, noted, notesIn, range } from './server.ts'

let db: string
let node: EventStoreDBNode | undefined
let client: EventStoreDBClient | undefined
let reports: string[]

beforeEach(async () => {
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-damaged-'))
  reports = []
})
afterEach(async () => {
  await stop()
  await rm(db, { recursive: true, force: true })
})

async function start(): Promise<EventStoreDBClient> {
  node = await EventStoreDBNode.start({ db, report: (what) => reports.push(what), projections: false })
  client = connect(node.connectionString)
  return client
}

async function stop(): Promise<void> {
  void client?.dispose()
  await node?.stop()
  node = undefined
}

async function changeByte(folder: string, marker: string): Promise<string> {
  const [name = ''] = await readdir(join(db, folder))
  const path = join(db, folder, name)
  const bytes = await readFile(path)
  const at = bytes.indexOf(marker)
  expect(at).toBeGreaterThan(0)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(path, bytes)
  return path
}

/** So much that what comes first is neither in memory nor read back at the start. */
async function fillUp(writer: EventStoreDBClient): Promise<void> {
  for (const n of range(0, 50)) {
    const notes = range(0, 100).map((m) => noted(`filling ${n} ${m}`))
    await writer.appendToStream(`filling-${n}`, notes)
  }
}

it('an event that is no longer what was written is not served: reads of it fail with the file’s name, and others go on', async () => {
  const writer = await start()
  await writer.appendToStream('damaged', [noted('before'), noted('MARKED'), noted('after')])
  await writer.appendToStream('whole', noted('whole'))
  await fillUp(writer)
  await stop()
  const path = await changeByte('log', 'MARKED')

  const reader = await start()
  await expect(notesIn(reader, 'damaged')).rejects.toThrow(`The database is damaged: ${path} at byte`)
  await expect(async () => {
    for await (const _ of reader.readAll()) continue
  }).rejects.toThrow(path)
  expect(await notesIn(reader, 'whole')).toEqual(['whole'])
  expect(await notesIn(reader, 'filling-49')).toHaveLength(100)
  await reader.appendToStream('whole', noted('and on'))
  expect(await notesIn(reader, 'whole')).toEqual(['whole', 'and on'])
  expect(reports).toContainEqual(expect.stringContaining(path))
})

it('a subscription that comes to it ends, and says why', async () => {
  const writer = await start()
  await writer.appendToStream('damaged', [noted('before'), noted('MARKED')])
  await fillUp(writer)
  await stop()
  const path = await changeByte('log', 'MARKED')

  const reader = await start()
  await expect(async () => {
    for await (const _ of reader.subscribeToAll()) continue
  }).rejects.toThrow(path)
  await expect(async () => {
    for await (const _ of reader.subscribeToStream('damaged')) continue
  }).rejects.toThrow(path)
  expect(await notesIn(reader, 'filling-3')).toHaveLength(100)
})

it('a log that something is missing from is not opened, and the file is named', async () => {
  const writer = await start()
  await fillUp(writer)
  await stop()
  const [name = ''] = await readdir(join(db, 'log'))
  const path = join(db, 'log', name)
  await writeFile(path, (await readFile(path)).subarray(0, 100_000))
  await expect(start()).rejects.toThrow(`The database is damaged: ${path} at byte 100000`)
})

it('an index that is damaged is made anew from the log, with a word', async () => {
  const writer = await start()
  await fillUp(writer)
  await stop()
  const [name = ''] = await readdir(join(db, 'index'))
  const path = join(db, 'index', name)
  await writeFile(path, (await readFile(path)).subarray(0, -1))

  const reader = await start()
  expect(reports).toEqual([expect.stringContaining(path)])
  for (const n of range(0, 50)) expect(await notesIn(reader, `filling-${n}`)).toHaveLength(100)
})
