import { rmSync } from 'node:fs'
import { MongoClient, MongoServerError, type Collection } from 'mongodb'
import { expect, test } from 'vitest'
import { temporaryDirectory, untyped } from '../behaviour/server.ts'
import { ChildNode } from './child-node.ts'

interface Entry {
  _id: string
  writer: number
  n: number
}

const writers = 6

test(
  'killed again and again while it writes, it keeps all that it acknowledged',
  { timeout: 60_000 },
  async () => {
    const directory = temporaryDirectory()
    const acknowledged = new Map<string, number>()
    let round = 0
    for (; round < 10; round++) {
      const node = await ChildNode.start(directory)
      const client = await connected(node)
      await check(client, acknowledged)
      const entries = client.db('t').collection<Entry>('entries')
      await entries.createIndex({ writer: 1, n: -1 })
      const enough = Promise.withResolvers<void>()
      // The moment is the point: anywhere from the first commits to hundreds of them.
      let left = 1 + Math.floor(Math.random() * 200)
      const done = (id: string, value: number): void => {
        acknowledged.set(id, value)
        if (--left <= 0) enough.resolve()
      }
      const writing = Array.from({ length: writers }, (_, writer) =>
        writeUntilCut(client, writer, round, done),
      )
      await enough.promise
      await node.end('SIGKILL')
      await Promise.all(writing)
      await client.close()
    }
    const node = await ChildNode.start(directory)
    const client = await connected(node)
    expect(acknowledged.size).toBeGreaterThan(writers)
    await check(client, acknowledged)
    await client.close()
    expect(await node.end('SIGTERM')).toBe(0)
    rmSync(directory, { recursive: true })
  },
)

function connected(node: ChildNode): Promise<MongoClient> {
  return MongoClient.connect(node.url, { maxPoolSize: writers, serverSelectionTimeoutMS: 1_000 })
}

/** Each command moves one document on and adds another, in two collections; only what is answered counts. */
async function writeUntilCut(
  client: MongoClient,
  writer: number,
  round: number,
  done: (id: string, value: number) => void,
): Promise<void> {
  for (let n = 1; ; n++) {
    const added = `${writer}-${round}-${n}`
    const moved = `counter-${writer}`
    const value = round * 1_000_000 + n
    try {
      await client.bulkWrite([
        { namespace: 't.entries', name: 'insertOne', document: untyped({ _id: added, writer, n: value }) },
        {
          namespace: 't.counters',
          name: 'replaceOne',
          filter: untyped({ _id: moved }),
          replacement: { writer, n: value },
          upsert: true,
        },
      ])
    } catch (error) {
      // The connection went with the node. A refusal by the server would be a fault of its own.
      if (error instanceof MongoServerError) throw error
      return
    }
    done(added, value)
    done(moved, value)
  }
}

async function check(client: MongoClient, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const entries = client.db('t').collection<Entry>('entries')
  const counters = client.db('t').collection<Entry>('counters')
  const found = new Map<string, number>()
  for (const { _id, n } of await entries.find().toArray()) found.set(_id, n)
  for (const { _id, n } of await counters.find().toArray()) found.set(_id, n)
  for (const [id, value] of acknowledged) {
    if (id.startsWith('counter')) expect(found.get(id)).toBeGreaterThanOrEqual(value)
    else expect(found.get(id)).toBe(value)
  }
  if (acknowledged.size > 0) await agreeing(entries)
}

/** The index holds exactly the documents: as many, in their order, for every writer. */
async function agreeing(entries: Collection<Entry>): Promise<void> {
  const all = await entries.find().toArray()
  for (let writer = 0; writer < writers; writer++) {
    const byIndex = await entries.find({ writer }).sort({ n: -1 }).toArray()
    const expected = all.filter((one) => one.writer === writer).toSorted((a, b) => b.n - a.n)
    expect(byIndex).toEqual(expected)
  }
}
