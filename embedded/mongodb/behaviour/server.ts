import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Long, MongoClient, type Db, type Document, type Double, type Int32 } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { MongoDBNode } from '../node.ts'

export interface TestServer {
  readonly url: string
  readonly client: MongoClient
  /** A database of the test file's own, dropped at the end. */
  readonly db: Db
}

/** Some rules are this node's own: those of a standalone server, of its limits, of what it leaves out. */
export const onAnotherServer = process.env['MONGODB_URL'] !== undefined

let files = 0

/** The server that the behaviour suite runs against: the one of MONGODB_URL, or a node of our own. */
export function testServer(): () => TestServer {
  let server: (TestServer & { stop(): Promise<void> }) | undefined
  beforeAll(async () => {
    server = await start()
  })
  afterAll(async () => {
    await server?.db.dropDatabase()
    await server?.stop()
  })
  return () => {
    if (server === undefined) throw new Error('the server is started before the tests')
    return server
  }
}

async function start(): Promise<TestServer & { stop(): Promise<void> }> {
  const name = `behaviour-${process.pid}-${++files}`
  const url = process.env['MONGODB_URL']
  if (url !== undefined) {
    const client = await MongoClient.connect(url)
    return { url, client, db: client.db(name), stop: () => client.close() }
  }
  const directory = temporaryDirectory()
  const node = await MongoDBNode.start({ db: directory })
  const client = await MongoClient.connect(node.connectionString)
  const stop = async (): Promise<void> => {
    await client.close()
    await node.stop()
    rmSync(directory, { recursive: true })
  }
  return { url: node.connectionString, client, db: client.db(name), stop }
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'mongodb-node-'))
}

/** Documents of the tests: any fields. */
export interface Thing {
  _id: number | string | Int32 | Long | Double
  [field: string]: unknown
}

/** For what the driver's types would not let through, though the server takes it (or must refuse it). */
export function untyped(document: Document): Document {
  return document
}

const cursorReply = z.object({
  cursor: z.object({
    id: z.union([z.number(), z.instanceof(Long)]),
    firstBatch: z.array(z.unknown()).optional(),
    nextBatch: z.array(z.unknown()).optional(),
  }),
})

/** The cursor of a reply. */
export function cursorOf(reply: Document): z.infer<typeof cursorReply>['cursor'] {
  return cursorReply.parse(reply).cursor
}

export interface Refusal {
  readonly code: unknown
  readonly message: string
  readonly response: Document
}

/** What the server refused with; fails if it didn't refuse. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code: unknown = Reflect.get(error, 'code')
    const response: unknown = Reflect.get(error, 'errorResponse')
    return { code, message: error.message, response: isDocument(response) ? response : {} }
  }
  throw new Error('expected a refusal')
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null
}
