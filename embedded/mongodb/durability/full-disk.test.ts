import { rmSync } from 'node:fs'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { refusalOf, temporaryDirectory } from '../behaviour/server.ts'
import { ChildNode } from './child-node.ts'

interface Row {
  _id: number
  tags: string[]
  text: string
}

/** In KB. */
const room = 4 * 1_024

test.each([
  ['few', 20],
  ['many', 1_000],
])(
  'where the disk is full, writes of %s documents are refused, each document whole, and all else goes on',
  { timeout: 60_000 },
  async (_, size) => {
    const directory = temporaryDirectory()
    const full = await ChildNode.start(directory, room)
    const client = await MongoClient.connect(full.url)
    const rows = client.db('t').collection<Row>('rows')
    await rows.createIndex({ tags: 1 })
    let acknowledged = 0
    const insert = async (): Promise<void> => {
      const text = 'x'.repeat(500)
      await rows.insertMany(
        Array.from({ length: size }, (__, i) => ({ _id: acknowledged + i, tags: ['a', 'b'], text })),
      )
      acknowledged += size
    }
    const filling = (async () => {
      for (;;) await insert()
    })()
    expect((await refusalOf(filling)).code).toBe(1)
    // Of the command that was refused, an earlier part may have had a transaction of its own.
    const kept = await rows.countDocuments()
    expect(kept).toBeGreaterThanOrEqual(acknowledged)
    expect(kept).toBeLessThan(acknowledged + size)
    expect(await rows.countDocuments({ tags: 'a' })).toBe(kept)
    expect(await client.db('t').command({ validate: 'rows' })).toMatchObject({ valid: true })
    await client.close()
    expect(await full.end('SIGTERM')).toBe(0)

    const node = await ChildNode.start(directory)
    const again = await MongoClient.connect(node.url)
    const found = again.db('t').collection<Row>('rows')
    expect(await found.countDocuments()).toBe(kept)
    await found.insertOne({ _id: -1, tags: [], text: '' })
    expect(await again.db('t').command({ validate: 'rows' })).toMatchObject({ valid: true })
    await again.close()
    await node.end('SIGTERM')
    rmSync(directory, { recursive: true })
  },
)
