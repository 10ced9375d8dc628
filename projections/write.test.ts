import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import type { Db } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { projections } from './all.ts'
import { CHECKPOINTS } from './checkpoints.ts'
import { foldable } from './folder.ts'
import type { Changed } from './folder.ts'
import { Superseded, writeChanges } from './write.ts'

let node: MongoDBNode
let mongo: MongoClient
let db: Db

beforeAll(async () => {
  node = await MongoDBNode.start()
  mongo = new MongoClient(node.connectionString)
})
beforeEach(() => {
  db = mongo.db(randomUUID())
})
afterAll(async () => {
  await mongo.close()
  await node.stop()
})

const changed = (_id: string, position: number, isNew: boolean): Changed => ({
  document: { _id, seen: {}, position },
  isNew,
})

const write = (documents: readonly Changed[], position: bigint, again = false) => {
  const folder = foldable(projections.payments).folderInto({
    db,
    collection: 'payments',
    isSkipped: () => false,
  })
  return writeChanges(db, [{ folder, documents }], { position, again })
}

const positions = async (collection: string) =>
  (await db.collection<{ _id: string; position: number }>(collection).find().sort({ _id: 1 }).toArray()).map(
    ({ _id, position }) => [_id, position],
  )

describe('what a batch changed', () => {
  it('is written with its checkpoint, whether it is new or was there', async () => {
    await write([changed('a', 1, true)], 1n)
    await write([changed('a', 2, false), changed('b', 3, true)], 3n)
    expect(await positions('payments')).toEqual([
      ['a', 2],
      ['b', 3],
    ])
    expect(await positions(CHECKPOINTS)).toEqual([['payments', 3]])
  })

  it('is written again when it is not known whether it was written', async () => {
    await write([changed('a', 1, true), changed('b', 2, true)], 2n)
    await write([changed('a', 1, true), changed('b', 2, true), changed('c', 3, true)], 3n, true)
    expect(await positions('payments')).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
  })

  it('never replaces what somebody else has written since', async () => {
    await write([changed('a', 5, true)], 5n)
    await expect(write([changed('a', 4, false)], 4n)).rejects.toThrow(Superseded)
    await expect(write([changed('a', 4, true)], 4n, true)).rejects.toThrow(Superseded)
    expect(await positions('payments')).toEqual([['a', 5]])
  })

  it('is not new if somebody else has begun it', async () => {
    await write([changed('a', 5, true)], 5n)
    await expect(write([changed('a', 6, true)], 6n)).rejects.toThrow(Superseded)
    expect(await positions('payments')).toEqual([['a', 5]])
    expect(await positions(CHECKPOINTS)).toEqual([['payments', 5]])
  })
})
