import { rmSync } from 'node:fs'
import { MongoClient, MongoServerError, type Collection, type Db } from 'mongodb'
import { expect, test } from 'vitest'
import { temporaryDirectory, untyped } from '../behaviour/server.ts'
import { ChildNode } from './child-node.ts'

interface Entry {
  _id: string
  writer: number
  n: number
}

const writers = 6
const rounds = 8
/** Each publishing puts so many documents of one version into place at once. */
const published = 5

/** What was answered: a number where the document is at least as new, undefined where it is gone. */
class Acknowledged {
  readonly entries = new Map<string, number | undefined>()
  version = 0
  /** Whether the index was there when that was last known for certain. */
  hasIndex: boolean | undefined = false
  count = 0
}

test(
  'killed again and again in the middle of anything, it keeps all that it acknowledged, and each write whole',
  { timeout: 120_000 },
  async () => {
    const directory = temporaryDirectory()
    const acknowledged = new Acknowledged()
    for (let round = 0; round < rounds; round++) {
      const node = await ChildNode.start(directory)
      const client = await connected(node)
      await check(client.db('t'), acknowledged)
      await client.db('t').collection('entries').createIndex({ writer: 1, n: -1 })
      // The moment is the point: anywhere from the first commits to hundreds of them.
      const enough = acknowledged.count + 1 + Math.floor(Math.random() * 200)
      const cut = Promise.withResolvers<void>()
      const done = (): void => {
        if (++acknowledged.count >= enough) cut.resolve()
      }
      const working = [
        ...Array.from({ length: writers }, (_, writer) =>
          untilCut((n) => write(client, writer, round * 1_000_000 + n, acknowledged), done),
        ),
        untilCut(() => publish(client.db('t'), acknowledged), done),
        untilCut(() => index(client.db('t'), acknowledged), done),
      ]
      await cut.promise
      await node.end('SIGKILL')
      await Promise.all(working)
      await client.close()
    }
    const node = await ChildNode.start(directory)
    const client = await connected(node)
    expect(acknowledged.entries.size).toBeGreaterThan(writers)
    await check(client.db('t'), acknowledged)
    await client.close()
    expect(await node.end('SIGTERM')).toBe(0)
    rmSync(directory, { recursive: true })
  },
)

function connected(node: ChildNode): Promise<MongoClient> {
  return MongoClient.connect(node.url, { maxPoolSize: writers + 2, serverSelectionTimeoutMS: 1_000 })
}

async function untilCut(step: (n: number) => Promise<void>, done: () => void): Promise<void> {
  for (let n = 1; ; n++) {
    try {
      await step(n)
    } catch (error) {
      // The connection went with the node. A refusal by the server, which has a code, would be a fault of its own.
      if (error instanceof MongoServerError && error.code !== undefined) throw error
      return
    }
    done()
  }
}

/** Each command adds a document, moves another one on and takes away one that was added earlier. */
async function write(
  client: MongoClient,
  writer: number,
  value: number,
  { entries }: Acknowledged,
): Promise<void> {
  const [added, moved, removed] = [`${writer}-${value}`, `counter-${writer}`, `${writer}-${value - 5}`]
  const document = untyped({ _id: added, writer, n: value })
  // Until it is answered nobody can say whether it is there.
  entries.delete(removed)
  await client.bulkWrite([
    { namespace: 't.entries', name: 'insertOne', document },
    {
      namespace: 't.counters',
      name: 'replaceOne',
      filter: untyped({ _id: moved }),
      replacement: { writer, n: value },
      upsert: true,
    },
    {
      namespace: 't.entries',
      name: 'updateOne',
      filter: { writer, n: value - 2 },
      update: { $inc: { m: 1 } },
    },
    { namespace: 't.entries', name: 'deleteOne', filter: untyped({ _id: removed }) },
  ])
  entries.set(added, value).set(moved, value).set(removed, undefined)
}

async function publish(db: Db, acknowledged: Acknowledged): Promise<void> {
  const version = acknowledged.version + 1
  await db.collection('next').deleteMany({})
  await db.collection('next').insertMany(Array.from({ length: published }, () => ({ version })))
  await db.collection('next').rename('published', { dropTarget: true })
  acknowledged.version = version
}

async function index(db: Db, acknowledged: Acknowledged): Promise<void> {
  const entries = db.collection<Entry>('entries')
  const wanted = acknowledged.hasIndex !== true
  acknowledged.hasIndex = undefined
  if (wanted) await entries.createIndex({ n: 1, writer: 1, m: 1 }, { name: 'by-n', unique: true })
  else await entries.dropIndex('by-n')
  acknowledged.hasIndex = wanted
  // For a while it is certain: most of the time, so that the end comes in both.
  for (let look = 0; look < 10; look++) await entries.countDocuments({ n: look })
}

async function check(db: Db, acknowledged: Acknowledged): Promise<void> {
  if (acknowledged.count === 0) return
  const entries = db.collection<Entry>('entries')
  const found = new Map<string, number>()
  for (const { _id, n } of await entries.find().toArray()) found.set(_id, n)
  for (const { _id, n } of await db.collection<Entry>('counters').find().toArray()) found.set(_id, n)
  for (const [id, value] of acknowledged.entries) {
    if (id.startsWith('counter')) expect(found.get(id)).toBeGreaterThanOrEqual(value ?? NaN)
    else expect(found.get(id)).toBe(value)
  }
  for (const { name } of await db.listCollections().toArray())
    expect(await db.command({ validate: name })).toMatchObject({ valid: true, errors: [] })
  await agreeing(entries)
  await checkIndex(entries, acknowledged)
  await checkPublished(db, acknowledged)
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

async function checkIndex(entries: Collection<Entry>, acknowledged: Acknowledged): Promise<void> {
  const isThere = (await entries.indexes()).some(({ name }) => name === 'by-n')
  if (acknowledged.hasIndex !== undefined) expect(isThere).toBe(acknowledged.hasIndex)
  acknowledged.hasIndex = isThere
}

/** All of one version: the last one that was answered, or the one that was on its way. */
async function checkPublished(db: Db, acknowledged: Acknowledged): Promise<void> {
  const found = await db.collection<{ version: number }>('published').find().toArray()
  const versions = new Set(found.map(({ version }) => version))
  if (acknowledged.version > 0) expect(found).toHaveLength(published)
  expect(versions.size).toBeLessThanOrEqual(1)
  const version = found[0]?.version ?? 0
  expect([acknowledged.version, acknowledged.version + 1]).toContain(version)
  acknowledged.version = version
}
