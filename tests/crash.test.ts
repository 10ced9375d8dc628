import { EventStoreDBClient } from '@eventstore/db-client'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { checkPromises, wholeLog } from './promises.ts'

const ORDERS = 1_500

let dataDir: string
let system: System
const start = (ports?: System['ports']) =>
  startSystem({ dataDir, env: { ...process.env, LOG_LEVEL: 'warn' }, ...(ports ? { ports } : {}) })

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-'))
  system = await start()
})
afterAll(async () => {
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

it(
  'keeps its promises when everything is killed in the middle of the demo, twice, and started again',
  { timeout: 180_000 },
  async () => {
    const { ports } = system
    const demo = spawn(
      process.execPath,
      ['demo/main.ts', '--orders', String(ORDERS), '--url', system.addresses.graphql],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    demo.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
    const ended = once(demo, 'exit')

    const client = () => EventStoreDBClient.connectionString(system.addresses.eventstore)
    const placed = async () => {
      const reader = client()
      const log = await wholeLog(reader)
      await reader.dispose()
      return log.filter(({ type }) => type === 'OrderPlaced').length
    }
    for (const share of [1 / 4, 1 / 2]) {
      await expect.poll(placed, { timeout: 60_000, interval: 20 }).toBeGreaterThan(ORDERS * share)
      await system.crash()
      system = await start(ports)
      expect(system.ports).toEqual(ports)
    }
    await ended
    expect(demo.exitCode, output).toBe(0)

    const reader = client()
    const mongo = await new MongoClient(system.addresses.mongodb).connect()
    await checkPromises(reader, mongo.db('counterfoil'))
    await mongo.close()
    await reader.dispose()
  },
)
