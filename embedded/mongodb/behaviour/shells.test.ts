import { Long, type Document } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { onAnotherServer, refusalOf, testServer } from './server.ts'

const server = testServer()
const admin = (command: Document): Promise<Document> => server().client.db('admin').command(command)

beforeAll(async () => {
  const things = server().db.collection('things')
  await things.insertMany([{ n: 1 }, { n: 2 }])
  await things.createIndex({ n: 1 })
})

describe('what a shell or Compass asks when it connects', () => {
  test('which server this is', async () => {
    expect(await admin({ buildInfo: 1 })).toMatchObject({ ok: 1, bits: 64, maxBsonObjectSize: 16_777_216 })
    expect((await admin({ buildinfo: 1 }))['version']).toMatch(/^8\./)
    expect(await admin({ hostInfo: 1 })).toMatchObject({ system: { cpuAddrSize: 64 }, ok: 1 })
    expect(await admin({ getCmdLineOpts: 1 })).toMatchObject({ parsed: {}, ok: 1 })
    expect(await admin({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
      featureCompatibilityVersion: { version: '8.0' },
    })
    expect((await refusalOf(admin({ getParameter: 1, conjure: 1 }))).code).toBe(72)
    expect(await admin({ getLog: 'startupWarnings' })).toMatchObject({ ok: 1 })
    expect((await refusalOf(admin({ getLog: 'diary' }))).code).toBe(96)
    expect((await refusalOf(admin({ atlasVersion: 1 }))).code).toBe(59)
    expect((await admin({ listCommands: 1 }))['commands']).toMatchObject({ find: {}, insert: {} })
  })

  test('who may do what', async () => {
    expect(await admin({ connectionStatus: 1, showPrivileges: true })).toMatchObject({
      authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
    })
    expect(await admin({ usersInfo: 1 })).toMatchObject({ users: [] })
    expect(await admin({ rolesInfo: 1 })).toMatchObject({ roles: [] })
  })

  test('hello, in each of its spellings', async () => {
    expect(await admin({ hello: 1 })).toMatchObject({ isWritablePrimary: true, maxWriteBatchSize: 100_000 })
    for (const name of ['isMaster', 'ismaster'])
      expect(await admin({ [name]: 1 })).toMatchObject({ ismaster: true })
  })

  test('sessions, which end without a trace', async () => {
    const { id } = await admin({ startSession: 1 })
    expect(await admin({ endSessions: [id] })).toMatchObject({ ok: 1 })
    expect(await admin({ refreshSessions: [id] })).toMatchObject({ ok: 1 })
    expect((await refusalOf(admin({ endSessions: 1 }))).code).toBe(14)
  })
})

const count = z.union([z.number(), z.instanceof(Long).transform((long) => long.toNumber())])
const indexUse = z.looseObject({ name: z.string(), accesses: z.looseObject({ ops: count }) })
const status = z.looseObject({
  opcounters: z.object({
    insert: count,
    query: count,
    update: count,
    delete: count,
    getmore: count,
    command: count,
  }),
  network: z.looseObject({ bytesIn: count, bytesOut: count, numRequests: count }),
  connections: z.looseObject({ current: count, totalCreated: count }),
})

describe('numbers', () => {
  test('of what was asked grow with it', async () => {
    const before = status.parse(await admin({ serverStatus: 1 }))
    const things = server().db.collection('counted')
    await things.insertOne({ n: 1 })
    await things.findOne({ n: 1 })
    await things.updateOne({ n: 1 }, { $set: { n: 2 } })
    await things.deleteOne({ n: 2 })
    const { opcounters, network } = status.parse(await admin({ serverStatus: 1 }))
    for (const kind of ['insert', 'query', 'update', 'delete'] as const)
      expect(opcounters[kind]).toBeGreaterThan(before.opcounters[kind])
    expect(network.bytesIn).toBeGreaterThan(before.network.bytesIn)
    expect(network.bytesOut).toBeGreaterThan(before.network.bytesOut)
    expect((await admin({ top: 1 }))['totals']).toHaveProperty([things.namespace, 'insert', 'count'])
  })

  test('of a collection, as a command and as a stage', async () => {
    const { db } = server()
    const stats = await db.command({ collStats: 'things' })
    expect(stats).toMatchObject({ ns: `${db.databaseName}.things`, count: 2, nindexes: 2, capped: false })
    expect(Object.keys(z.record(z.string(), count).parse(stats['indexSizes']))).toEqual(['_id_', 'n_1'])
    const [{ storageStats, count: counted } = {}] = await db
      .collection('things')
      .aggregate([{ $collStats: { storageStats: { scale: 1 }, count: {} } }])
      .toArray()
    expect(storageStats).toMatchObject({ count: 2, nindexes: 2 })
    expect(counted).toBe(2)
    expect((await db.stats())['objects']).toBeGreaterThanOrEqual(2)
    const missing = db.collection('nowhere').aggregate([{ $collStats: { count: {} } }])
    expect((await refusalOf(missing.toArray())).code).toBe(26)
  })

  test('of the use of each index', async () => {
    const things = server().db.collection('things')
    const usesOf = async (): Promise<number> => {
      const all = z.array(indexUse).parse(await things.aggregate([{ $indexStats: {} }]).toArray())
      expect(all.map(({ name }) => name).toSorted()).toEqual(['_id_', 'n_1'])
      return all.find(({ name }) => name === 'n_1')?.accesses.ops ?? NaN
    }
    const before = await usesOf()
    await things.find({ n: 1 }).toArray()
    expect(await usesOf()).toBe(before + 1)
  })
})

describe('fields that any command may carry', () => {
  test('mean nothing here, and are taken', async () => {
    const { db } = server()
    const carried = {
      comment: { who: 'a test' },
      $readPreference: { mode: 'primaryPreferred' },
      readConcern: { level: 'majority' },
      apiVersion: '1',
      apiStrict: true,
      maxTimeMS: 60_000,
    }
    expect(await db.command({ find: 'things', limit: 1, ...carried })).toMatchObject({ ok: 1 })
    const written = { writeConcern: { w: 'majority', j: true }, comment: 'a note' }
    expect(await db.command({ insert: 'written', documents: [{ n: 1 }], ...written })).toMatchObject({ n: 1 })
  })
})

describe.skipIf(onAnotherServer)('a standalone server', () => {
  test('has no transactions, and says so', async () => {
    const { client, db } = server()
    const done = client.withSession((session) =>
      session.withTransaction(() => db.collection('in-transaction').insertOne({ n: 1 }, { session })),
    )
    // The driver puts its own words around the server's.
    expect((await refusalOf(done)).response).toMatchObject({
      originalError: { code: 20, codeName: 'IllegalOperation' },
    })
    expect(await db.collection('in-transaction').countDocuments()).toBe(0)
  })

  test('is no replica set', async () => {
    expect(await refusalOf(admin({ replSetGetStatus: 1 }))).toMatchObject({
      code: 76,
      response: { codeName: 'NoReplicationEnabled' },
    })
    expect((await refusalOf(server().db.watch().next())).code).toBe(40573)
  })

  test('knows no users', async () => {
    const credentials = admin({
      saslStart: 1,
      mechanism: 'SCRAM-SHA-256',
      payload: Buffer.from('n,,n=a,r=b'),
    })
    expect((await refusalOf(credentials)).code).toBe(18)
  })
})
