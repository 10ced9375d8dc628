import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { EventStoreDBClient } from '@eventstore/db-client'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { commands, type Command } from './model-commands.ts'
import { ModelRun, type Restartable } from './model-run.ts'
import { connect, newStream, noted } from './server.ts'

/**
 * Whether an event that is sent again, with no revision expected, is recognised by its id also after a restart. A
 * real node remembers ids for a while and forgets them with its process; this one finds them in its log.
 */
const idsOutliveTheProcess = true

/** How long chance may look for a difference. */
const patienceMs = 15_000

const url = process.env['EVENTSTORE_URL']
let server: Restartable
let clients: EventStoreDBClient[] = []
let db = ''
let node: EventStoreDBNode | undefined
beforeAll(async () => {
  if (url !== undefined) {
    clients = [await connected(url)]
    server = { client: clientInUse(), restart: undefined, remembersIds: true }
    return
  }
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
  await start()
  server = {
    get client() {
      return clientInUse()
    },
    restart: async () => {
      await node?.stop()
      await start()
    },
    remembersIds: idsOutliveTheProcess,
  }
})
afterAll(async () => {
  for (const client of clients) void client.dispose()
  await node?.stop()
  if (db !== '') await rm(db, { recursive: true, force: true })
})

async function start(): Promise<void> {
  node = await EventStoreDBNode.start({ db, projections: false })
  clients.push(await connected(node.connectionString))
}

/** Only once it is connected does a client send its appends in the order in which they are made. */
async function connected(connectionString: string): Promise<EventStoreDBClient> {
  const client = connect(connectionString)
  await client.appendToStream(newStream('first'), noted('connected'))
  return client
}

function clientInUse(): EventStoreDBClient {
  const client = clients.at(-1)
  if (client === undefined) throw new Error('There is a client.')
  return client
}

async function agree(run: readonly Command[]): Promise<void> {
  const both = await ModelRun.start(server)
  for (const command of run) await both.do(command)
  await both.finish()
}

it('does with streams what the rules say, whatever is asked of it in whatever order', async () => {
  const end = Date.now() + patienceMs
  let runs = 0
  await fc.assert(
    fc.asyncProperty(commands, async (run) => {
      // A run that has begun is finished; those that would begin too late are left out.
      if (Date.now() > end) return
      runs += 1
      await agree(run)
    }),
    { numRuns: 300 },
  )
  // Fewer would prove little.
  expect(runs).toBeGreaterThan(20)
}, 60_000)
