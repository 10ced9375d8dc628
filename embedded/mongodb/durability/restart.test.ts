import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { refusalOf, temporaryDirectory } from '../behaviour/server.ts'
import { Environment } from '../../lmdb/environment.ts'
import { MongoDBNode } from '../node.ts'
import { ChildNode, failedStart } from './child-node.ts'

test('a restart keeps documents, indexes and what was dropped', async () => {
  const directory = temporaryDirectory()
  const first = await MongoDBNode.start({ db: directory })
  const before = await MongoClient.connect(first.connectionString)
  const things = before.db('t').collection<{ _id: number; n: number | number[] }>('things')
  await things.createIndex({ n: -1 }, { unique: true })
  await things.insertMany([1, 2, 3].map((_id) => ({ _id, n: _id * 10 })))
  await things.insertOne({ _id: 4, n: [40, 41] })
  await things.createIndex({ m: 1 }, { name: 'by-m' })
  await things.createIndex({ o: 1 }, { name: 'by-o' })
  await things.dropIndex('by-m')
  await before.db('t').collection('gone').insertOne({})
  await before.db('t').dropCollection('gone')
  await before.close()
  await first.stop()

  const second = await MongoDBNode.start({ db: directory })
  const after = await MongoClient.connect(second.connectionString)
  const again = after.db('t').collection<{ _id: number; n: number | number[] }>('things')
  expect(
    await again
      .find({ n: { $gte: 20 } })
      .sort({ _id: 1 })
      .toArray(),
  ).toEqual([
    { _id: 2, n: 20 },
    { _id: 3, n: 30 },
    { _id: 4, n: [40, 41] },
  ])
  expect((await refusalOf(again.insertOne({ _id: 5, n: 41 }))).code).toBe(11000)
  expect((await again.indexes()).map(({ name }) => name)).toEqual(['_id_', 'n_-1', 'by-o'])
  expect((await after.db('t').listCollections().toArray()).map(({ name }) => name)).toEqual(['things'])
  await after.close()
  await second.stop()
  rmSync(directory, { recursive: true })
})

test('updates of one document from many connections lose none', async () => {
  const directory = temporaryDirectory()
  const node = await MongoDBNode.start({ db: directory })
  const client = await MongoClient.connect(node.connectionString, { maxPoolSize: 20 })
  const counters = client.db('t').collection<{ _id: string; n: number; log: number[] }>('counters')
  await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      counters.updateOne({ _id: 'one' }, { $inc: { n: 1 }, $push: { log: i } }, { upsert: true }),
    ),
  )
  const found = await counters.findOne({ _id: 'one' })
  expect(found?.n).toBe(500)
  expect(new Set(found?.log).size).toBe(500)
  await client.close()
  await node.stop()
  rmSync(directory, { recursive: true })
})

test('the process says one line, and ends cleanly on SIGTERM', async () => {
  const directory = temporaryDirectory()
  const node = await ChildNode.start(directory)
  expect(node.line).toMatch(/^MongoDB node listening on 127\.0\.0\.1:\d+$/)
  const client = await MongoClient.connect(node.url)
  await client.db('t').collection('a').insertOne({ a: 1 })
  const ended = node.end('SIGTERM')
  expect(await ended).toBe(0)
  await client.close()
  rmSync(directory, { recursive: true })
})

test('what a crash left of dropped and unfinished tables is removed after the next start', async () => {
  const directory = temporaryDirectory()
  const before = new Environment(directory)
  const left = before.table('c77')
  before.commit(() => {
    for (let i = 0; i < 3_000; i++) left.putSync(Buffer.from(`left ${i}`), Buffer.from('over'))
  })
  await before.close()
  const node = await MongoDBNode.start({ db: directory })
  const client = await MongoClient.connect(node.connectionString)
  const things = client.db('t').collection('things')
  await things.insertOne({ a: 1 })
  // Written after the last slice of the removal began: each commit waits for those before it.
  for (let i = 0; i < 20; i++) await things.insertOne({ a: i })
  await client.close()
  await node.stop()
  const after = new Environment(directory)
  expect(after.tableNames()).not.toContain('c77')
  await after.close()
  rmSync(directory, { recursive: true })
})

test('a directory in a layout of before is refused, with a word on what to do', async () => {
  const directory = temporaryDirectory()
  const before = new Environment(directory)
  const catalog = before.table('catalog')
  before.commit(() => catalog.putSync(Buffer.from('\0next'), Buffer.from('2')))
  await before.close()
  const refused = await failedStart(['--port', '0', '--db', directory])
  expect(refused.code).toBe(1)
  expect(refused.said).toContain(directory)
  expect(refused.said).toContain("in a layout that this version doesn't read")
  expect(refused.said).toContain('delete the directory and start again')
  rmSync(directory, { recursive: true })
})

test('a taken port or a bad directory is told, with exit code 1', async () => {
  const directory = temporaryDirectory()
  const node = await MongoDBNode.start({ db: directory })
  const taken = await failedStart(['--port', String(node.port), '--db', join(directory, 'other')])
  expect(taken.code).toBe(1)
  expect(taken.said).toContain(`port ${node.port} is taken`)
  const shared = await failedStart(['--port', '0', '--db', directory])
  expect(shared.code).toBe(1)
  expect(shared.said).toContain('is in use by another node')
  await node.stop()
  writeFileSync(join(directory, 'file'), '')
  const unusable = await failedStart(['--port', '0', '--db', join(directory, 'file')])
  expect(unusable.code).toBe(1)
  expect(unusable.said).toContain(join(directory, 'file'))
  expect((await failedStart(['--port', 'many'])).code).toBe(1)
  rmSync(directory, { recursive: true })
})
