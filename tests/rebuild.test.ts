import { EventStoreDBClient } from '@eventstore/db-client'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OrderId, UserId } from '../domain/ids.ts'
import { fill } from '../bench/fill/fill.ts'
import { foldables } from '../projections/all.ts'
import { everyCheckpoint } from '../projections/checkpoints.ts'
import { readModels } from '../projections/readModels.ts'
import { mongoClient } from '../service/clients.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'

const EVENTS = 20_000
const names = foldables.map(({ name }) => name)

let dataDir: string
let system: System
let mongo: MongoClient
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-'))
  system = await startSystem({
    dataDir,
    env: { ...process.env, LOG_LEVEL: 'warn' },
    // The log is written as the others would have written it.
    services: ['projections'],
  })
  mongo = await mongoClient(system.addresses.mongodb, 'test').connect()
})
afterAll(async () => {
  await mongo.close()
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const db = () => mongo.db('counterfoil')

/** The command line, as people run it; answers its exit code and all that it said. */
const tool = async (...args: readonly string[]) => {
  const { eventstore, mongodb } = system.addresses
  const child = spawn(process.execPath, ['projections/tool/main.ts', ...args], {
    env: { ...process.env, EVENTSTORE_URL: eventstore, MONGODB_URL: mongodb },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  await once(child, 'close')
  return { code: child.exitCode, said }
}

it(
  'rebuilds every read model while they serve, though its process is killed in the middle',
  { timeout: 120_000 },
  async () => {
    const client = EventStoreDBClient.connectionString(system.addresses.eventstore)
    const now = () => new Date()
    const filled = await fill({ client, until: { events: EVENTS }, seed: 7, now, newId: randomUUID })
    await client.dispose()
    const models = readModels({ db: db(), deadline: 10_000 })
    await models.reached(filled.position, 60_000, 'orders', 'wallets', 'ledger', 'payments')

    const [known] = await db()
      .collection<{ _id: OrderId; customerId: UserId }>('orders')
      .find()
      .limit(1)
      .toArray()
    if (!known) throw new Error('nothing was filled')
    const looking = new AbortController()
    /** What people see meanwhile: each query is answered, and nothing is ever missing. */
    const look = async () => {
      for (let looks = 0; ; looks++) {
        if (looking.signal.aborted) return looks
        expect(await models.order(known._id)).toMatchObject({ _id: known._id })
        const page = await models.orders(known.customerId, undefined, { first: 5, after: undefined })
        expect(page.documents.length).toBeGreaterThan(0)
      }
    }
    const looks = look()
    // Met where it is awaited.
    looks.catch(() => undefined)

    const rebuilding = tool('rebuild', 'all', '--verify')
    const begun = async () =>
      [...(await everyCheckpoint(db(), 10_000)).keys()].some((name) => name.endsWith('.next'))
    await expect.poll(begun, { timeout: 30_000, interval: 5 }).toBe(true)
    await system.processes.kill('projections', 'SIGKILL')
    const { code, said } = await rebuilding
    expect(code, said).toBe(0)
    for (const name of names) expect(said).toMatch(new RegExp(`${name}: .* serves now; .* all equal`))
    looking.abort()
    expect(await looks).toBeGreaterThan(100)

    const status = await tool('status')
    expect(status.code, status.said).toBe(0)
    for (const name of names)
      expect(status.said).toMatch(new RegExp(`^${name} +FOLDING +v\\d +\\d+ +0 +0\\.0$`, 'm'))
  },
)

it.each([
  [['--help'], 0, 'rebuild <name|all>'],
  [['rebuild', 'invoices'], 2, 'Read models: orders'],
  [['rebuild', 'all', '--quickly'], 2, 'Read models: orders'],
  [['skip', 'orders'], 2, '--reason'],
  [['skip', 'orders', '--reason', 'none'], 1, 'orders has not stopped'],
])('%j ends with %i, and says %s', async (args, code, words) => {
  const answer = await tool(...args)
  expect(answer.code).toBe(code)
  expect(answer.said).toContain(words)
})
