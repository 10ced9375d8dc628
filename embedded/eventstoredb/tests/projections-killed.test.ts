import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { expectedOutput } from './expected-output.ts'
import { linksIn, systemProjections } from './projecting.ts'
import { connect, range, until } from './server.ts'

const mainFile = fileURLToPath(new URL('../main.ts', import.meta.url))

let db: string
beforeEach(async () => {
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
})
afterEach(async () => {
  // What a failed test has left running.
  for (const child of children) await end(child, 'SIGKILL')
  await rm(db, { recursive: true, force: true })
})

interface Child {
  readonly process: ChildProcess
  readonly client: EventStoreDBClient
}

const children = new Set<Child>()

async function spawnNode(): Promise<Child> {
  const child = spawn(process.execPath, [mainFile, '--port', '0', '--db', db], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The node ended with ${code}.`)))
    child.stdout.once('data', (chunk: Buffer) => resolve(/:(\d+)$/mu.exec(chunk.toString())?.[1] ?? ''))
  })
  const running = { process: child, client: connect(`esdb://127.0.0.1:${port}?tls=false`) }
  children.add(running)
  return running
}

async function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  children.delete(child)
  const exited = once(child.process, 'exit')
  child.process.kill(signal)
  await exited
  void child.client.dispose()
}

const entry = (n: number) =>
  jsonEvent({ type: `Type${n % 5}`, data: { n }, metadata: { $correlationId: `story-${n % 50}` } })

/** Writes until the node is gone, and deletes streams now and then. */
async function writeUntilKilled(
  { client }: Child,
  writer: number,
  round: number,
  answered: () => void,
): Promise<void> {
  for (let n = 0; ; n += 1) {
    const stream = `cat${writer % 3}-${writer}-${round}-${Math.floor(n / 40)}`
    try {
      await client.appendToStream(stream, [entry(n + writer), entry(n + writer + 1)])
      if (n % 40 === 25) await client.deleteStream(stream)
      if (n % 40 === 39 && writer % 2 === 0) await client.tombstoneStream(stream)
      answered()
    } catch {
      return
    }
  }
}

/** Whether the node answered before it was killed doesn't matter: a reset is all or nothing. */
const tryToReset = (client: EventStoreDBClient, name: string): Promise<void> =>
  client.resetProjection(name).catch(() => undefined)

it('a node that is killed at any moment neither misses a link nor repeats one', async () => {
  let appends = 0
  for (const round of range(0, 10)) {
    const child = await spawnNode()
    const enough = appends + 1 + Math.floor(Math.random() * 600)
    const writing = range(0, 12).map((writer) => writeUntilKilled(child, writer, round, () => (appends += 1)))
    // Every third round it is killed while projections go over everything again.
    const reset = round % 3 === 2 ? systemProjections.map((name) => tryToReset(child.client, name)) : []
    await until(() => appends >= enough, `there are ${enough} appends`, 30_000)
    await end(child, 'SIGKILL')
    await Promise.all([...writing, ...reset])
  }

  const child = await spawnNode()
  await until(
    async () => (await child.client.listProjections()).every(({ progress }) => progress === 100),
    'the projections have seen everything',
    30_000,
  )
  for (const { status, stateReason } of await child.client.listProjections())
    expect({ status, stateReason }).toEqual({ status: 'Running', stateReason: '' })
  const { output, streams } = await expectedOutput(child.client)
  expect(output.size).toBeGreaterThan(60)
  expect([...streams].toSorted()).toEqual([...output.keys()].toSorted())
  for (const [stream, links] of output) expect(await linksIn(child.client, stream)).toEqual(links)
  await end(child, 'SIGTERM')
}, 90_000)
