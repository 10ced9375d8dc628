import { expect, test } from 'vitest'
import { refusalOf, testServer } from './server.ts'

const server = testServer()

test('collections come and go', async () => {
  const { db } = server()
  await db.createCollection('made')
  await db.collection('used').insertOne({})
  const names = async () => (await db.listCollections().toArray()).map(({ name }) => name).toSorted()
  expect(await names()).toEqual(['made', 'used'])
  expect((await refusalOf(db.command({ create: 'made' }))).code).toBe(48)
  await db.dropCollection('made')
  expect(await names()).toEqual(['used'])
  expect(await db.listCollections({ name: 'used' }).toArray()).toHaveLength(1)
})

test('a collection made again is empty and has no old index', async () => {
  const { db } = server()
  const things = db.collection('again')
  await things.createIndex({ n: 1 }, { unique: true })
  await things.insertOne({ n: 1 })
  await things.drop()
  await things.insertMany([{ n: 1 }, { n: 1 }])
  expect(await things.countDocuments()).toBe(2)
})

test('databases come and go', async () => {
  const { client, db } = server()
  const other = client.db(`${db.databaseName}-other`)
  await other.collection('a').insertOne({})
  const names = async () => (await client.db().admin().listDatabases()).databases.map(({ name }) => name)
  expect(await names()).toContain(other.databaseName)
  await other.dropDatabase()
  expect(await names()).not.toContain(other.databaseName)
})

test('a command that nobody knows', async () => {
  const refusal = await refusalOf(server().db.command({ conjure: 1 }))
  expect(refusal.code).toBe(59)
  expect(refusal.response).toMatchObject({ ok: 0, codeName: 'CommandNotFound' })
  expect(refusal.message).toContain('conjure')
})

test('a command with a wrong type', async () => {
  expect((await refusalOf(server().db.command({ find: 'a', filter: 'all' }))).code).toBe(14)
})

test('a name that no collection may have', async () => {
  expect((await refusalOf(server().db.command({ insert: 'a$b', documents: [{ a: 1 }] }))).code).toBe(73)
})

test('the server tells what it is', async () => {
  const { db } = server()
  expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 })
  expect((await db.command({ buildInfo: 1 }))['versionArray']).toHaveLength(4)
  expect((await db.command({ hello: 1 }))['maxWireVersion']).toBeGreaterThanOrEqual(25)
  expect((await db.admin().serverStatus())['connections']).toBeDefined()
})

test('a session carries commands', async () => {
  const { client, db } = server()
  await client.withSession(async (session) => {
    await db.collection('in-session').insertOne({ a: 1 }, { session })
    expect(await db.collection('in-session').countDocuments({}, { session })).toBe(1)
  })
})
