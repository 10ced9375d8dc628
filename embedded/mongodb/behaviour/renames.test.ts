import type { Db } from 'mongodb'
import { expect, test } from 'vitest'
import { refusalOf, testServer } from './server.ts'

const server = testServer()

const names = async (db: Db): Promise<string[]> =>
  (await db.listCollections().toArray()).map(({ name }) => name).toSorted()

test('a renamed collection has its documents, indexes and order, and takes new ones', async () => {
  const { db } = server()
  const before = db.collection<{ _id: number; n: number }>('before')
  await before.createIndex({ n: 1 }, { unique: true, name: 'by-n' })
  await before.insertMany([9, 3, 5].map((n) => ({ _id: n, n })))
  await before.rename('after')
  const after = db.collection<{ _id: number; n: number }>('after')
  expect((await after.find().toArray()).map(({ _id }) => _id)).toEqual([9, 3, 5])
  expect((await after.indexes()).map(({ name }) => name)).toEqual(['_id_', 'by-n'])
  await after.insertOne({ _id: 6, n: 6 })
  const refusal = await refusalOf(after.insertOne({ _id: 7, n: 9 }))
  expect(refusal.code).toBe(11000)
  expect(refusal.message).toContain(`${db.databaseName}.after`)
  expect(await before.countDocuments()).toBe(0)
  await after.drop()
})

test('the target goes only if the renaming says so', async () => {
  const { db } = server()
  await db.collection('a').insertOne({ from: 'a' })
  await db.collection('b').insertOne({ from: 'b' })
  expect((await refusalOf(db.collection('a').rename('b'))).code).toBe(48)
  expect(await db.collection('b').findOne()).toMatchObject({ from: 'b' })
  await db.collection('a').rename('b', { dropTarget: true })
  expect(await db.collection('b').find().toArray()).toMatchObject([{ from: 'a' }])
  expect(await names(db)).toEqual(['b'])
  await db.collection('b').drop()
})

test('a collection moves to another database', async () => {
  const { client, db } = server()
  const other = client.db(`${db.databaseName}-other`)
  await db.collection('moving').insertOne({ n: 1 })
  const to = `${other.databaseName}.moved`
  await client.db('admin').command({ renameCollection: `${db.databaseName}.moving`, to })
  expect(await other.collection('moved').findOne()).toMatchObject({ n: 1 })
  expect(await names(db)).toEqual([])
  await other.dropDatabase()
})

test.each<[string, string, string, number]>([
  ['of what is not there', 'nobody', 'anybody', 26],
  ['to its own name', 'here', 'here', 20],
  ['to a name that is taken', 'here', 'taken', 48],
  ['to a name that none may have', 'here', 'a$b', 73],
  ['to the system', 'here', 'system.x', 73],
])('a renaming %s is refused', async (_, from, to, code) => {
  const { client, db } = server()
  await db.collection('here').insertOne({})
  await db.collection('taken').insertOne({})
  const name = (collection: string) => `${db.databaseName}.${collection}`
  const renaming = client.db('admin').command({ renameCollection: name(from), to: name(to) })
  expect((await refusalOf(renaming)).code).toBe(code)
  expect(await names(db)).toEqual(['here', 'taken'])
  await Promise.all(['here', 'taken'].map((one) => db.dropCollection(one)))
})

test('only the admin database renames', async () => {
  const { db } = server()
  expect((await refusalOf(db.command({ renameCollection: 'a.b', to: 'a.c' }))).code).toBe(13)
})

test('a cursor ends when its collection is renamed or dropped', async () => {
  const { db } = server()
  for (const change of ['rename', 'drop'] as const) {
    const things = db.collection<{ _id: number }>('things')
    await things.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })))
    const cursor = things.find({}, { batchSize: 2 })
    await cursor.next()
    await (change === 'rename' ? things.rename('renamed') : things.drop())
    expect((await refusalOf(cursor.toArray())).code).toBe(175)
  }
  await db.collection('renamed').drop()
})

test('readers see the old collection or the new one, never none and never both', async () => {
  const { db } = server()
  const versions = 30
  const publish = async (version: number): Promise<void> => {
    await db.collection('next').insertMany([{ version }, { version }])
    await db.collection('next').rename('shown', { dropTarget: true })
  }
  const read = async (): Promise<number> => {
    const found = await db.collection<{ version: number }>('shown').find().toArray()
    const [first] = found
    expect(found.map(({ version }) => version)).toEqual([first?.version, first?.version])
    return first?.version ?? NaN
  }
  await publish(0)
  const state = { publishing: true }
  const publishing = (async () => {
    try {
      for (let version = 1; version <= versions; version++) await publish(version)
    } finally {
      state.publishing = false
    }
  })()
  const seen = [await read()]
  while (state.publishing) seen.push(await read())
  await publishing
  seen.push(await read())
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen.at(-1)).toBe(versions)
  await db.collection('shown').drop()
})
