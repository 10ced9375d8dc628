import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { httpClient } from '../client/http.ts'
import { operations } from '../client/operations.ts'
import { isAlive, ProcessIdentity } from './identity.ts'
import { DataDirectoryInUse } from './lock.ts'
import { anyPorts, choosePorts } from './ports.ts'
import { KeepsDying } from './supervise.ts'
import { startSystem } from './system.ts'
import type { StartOptions, System } from './system.ts'
import { tableOf } from './table.ts'

const directories: string[] = []
const newDirectory = () => {
  const directory = mkdtempSync(join(tmpdir(), 'counterfoil-start-'))
  directories.push(directory)
  return directory
}
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

const start = async (dataDir: string, options: Partial<StartOptions> = {}): Promise<System> => {
  const system = await startSystem({ dataDir, env: process.env, ...options })
  onTestFinished(system.stop)
  return system
}

const apiOf = ({ addresses }: Pick<System, 'addresses'>) => {
  const client = httpClient(addresses.graphql, 1)
  onTestFinished(client.close)
  return { client, ...operations(client) }
}

const balanceOf = async ({ client }: ReturnType<typeof apiOf>, user: string) => {
  const data = z.object({ wallet: z.object({ balance: z.object({ amount: z.int() }) }).nullable() })
  const { wallet } = await client.ask({ user, query: '{ wallet { balance { amount } } }', data })
  return wallet?.balance.amount
}

/** The processes that a lock has on record. */
const childrenOf = (directory: string) => {
  const Lock = z.object({ owner: ProcessIdentity, children: z.array(ProcessIdentity) })
  return Lock.parse(JSON.parse(readFileSync(join(directory, 'lock'), 'utf8'))).children
}

test('a system starts, is one per directory, keeps its processes up, and leaves nothing behind but its data', async () => {
  const directory = newDirectory()
  const { api } = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const squatter = createServer().listen(api, '127.0.0.1')
  await once(squatter, 'listening')
  onTestFinished(() => void squatter.close())
  const notes: string[] = []
  const system = await start(directory, { ports: { api }, note: (line) => notes.push(line) })

  expect(system.startedIn).toBeLessThan(10_000)
  expect(notes).toContain(`port ${api} is taken: api uses ${system.ports.api} instead`)
  expect(new Set(system.processes.names)).toEqual(
    new Set([
      'eventstoredb',
      'mongodb',
      'stripe',
      'orders',
      'payments',
      'projections',
      'notifications',
      'api',
    ]),
  )
  const table = tableOf(system, directory)
  for (const name of [
    'graphql',
    'orders',
    'payments',
    'projections',
    'notifications',
    'eventstore',
    'mongodb',
    'stripe',
  ] as const)
    expect(table).toContain(system.addresses[name])
  await expect(startSystem({ dataDir: directory, env: process.env })).rejects.toThrow(DataDirectoryInUse)

  const user = crypto.randomUUID()
  const before = apiOf(system)
  await before.openWallet(user, 'EUR', 'open')
  await before.deposit(user, { amount: 500, currency: 'EUR' }, 'deposit')

  const pid = system.processes.pid('payments')
  await system.processes.kill('payments', 'SIGKILL')
  await expect.poll(() => system.processes.pid('payments')).toBeTypeOf('number')
  expect(system.processes.pid('payments')).not.toBe(pid)
  await system.processes.ready()
  expect(notes).toContain('payments ended by SIGKILL; starting it again')
  const order = { price: { amount: 200, currency: 'EUR' }, description: 'A book', idempotencyKey: 'order' }
  await before.placeOrder(user, order)
  await expect.poll(() => balanceOf(before, user), { timeout: 5_000 }).toBe(300)

  const children = childrenOf(directory)
  expect(children).toHaveLength(8)
  await system.stop()
  expect(await system.ended).toBeUndefined()
  expect(children.filter(isAlive)).toEqual([])
  expect(existsSync(join(directory, 'lock'))).toBe(false)

  const again = await start(directory, { ports: system.ports })
  expect(again.ports).toEqual(system.ports)
  expect(await balanceOf(apiOf(again), user)).toBe(300)
}, 40_000)

test('when the one who started it is killed, everything stops, and the directory can be started again', async () => {
  const directory = newDirectory()
  const ports = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const starter = spawn(process.execPath, ['start/main.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATA_DIR: directory,
      API_PORT: `${ports.api}`,
      ORDERS_PORT: `${ports.orders}`,
      PAYMENTS_PORT: `${ports.payments}`,
      PROJECTIONS_PORT: `${ports.projections}`,
      NOTIFICATIONS_PORT: `${ports.notifications}`,
      EVENTSTORE_PORT: `${ports.eventstore}`,
      MONGODB_PORT: `${ports.mongodb}`,
      STRIPE_PORT: `${ports.stripe}`,
    },
  })
  onTestFinished(() => void starter.kill('SIGKILL'))
  let shown = ''
  starter.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()))
  await expect.poll(() => shown, { timeout: 15_000 }).toContain(`http://127.0.0.1:${ports.api}/graphql`)

  const children = childrenOf(directory)
  expect(children.filter(isAlive)).toHaveLength(8)
  starter.kill('SIGKILL')
  const system = await start(directory, { ports })
  expect(children.filter(isAlive)).toEqual([])
  expect(system.ports).toEqual(ports)

  const second = spawn(process.execPath, ['start/main.ts'], { env: { ...process.env, DATA_DIR: directory } })
  let said = ''
  second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  expect(await once(second, 'close')).toEqual([1, null])
  expect(said).toContain(`${directory} is in use by process ${process.pid}`)
}, 40_000)

test('a process that keeps dying stops everything, and the reason is told', async () => {
  const directory = newDirectory()
  const failing = startSystem({ dataDir: directory, env: { ...process.env, AUTH_MODE: 'nonsense' } })
  await expect(failing).rejects.toThrow(KeepsDying)
  await expect(failing).rejects.toThrow(
    /^(api|orders|payments) ended with exit code 1, 5 times within a minute .*\.log\): .*\n.*AUTH_MODE: /,
  )
  expect(existsSync(join(directory, 'lock'))).toBe(false)
}, 40_000)
