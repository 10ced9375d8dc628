import { MongoBulkWriteError, MongoClientBulkWriteError, type AnyBulkWriteOperation } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { testServer, untyped } from './server.ts'

interface Thing {
  _id: number
  n?: number
}

const server = testServer()
let collections = 0
const fresh = () => server().db.collection<Thing>(`bulk${++collections}`)

describe('of one collection', () => {
  const failing: AnyBulkWriteOperation<Thing>[] = [
    { insertOne: { document: { _id: 1 } } },
    { insertOne: { document: { _id: 1 } } },
    { insertOne: { document: { _id: 2 } } },
  ]

  test('all kinds at once', async () => {
    const things = fresh()
    const result = await things.bulkWrite([
      { insertOne: { document: { _id: 1, n: 1 } } },
      { insertOne: { document: { _id: 2, n: 2 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
      { replaceOne: { filter: { _id: 3 }, replacement: { n: 3 }, upsert: true } },
      { deleteOne: { filter: { _id: 2 } } },
    ])
    expect(result).toMatchObject({ insertedCount: 2, modifiedCount: 1, upsertedCount: 1, deletedCount: 1 })
    expect(await things.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, n: 2 },
      { _id: 3, n: 3 },
    ])
  })

  test('an ordered one stops at the first refusal', async () => {
    const things = fresh()
    const error = await things.bulkWrite(failing).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(MongoBulkWriteError)
    expect(await things.countDocuments()).toBe(1)
  })

  test('an unordered one goes on', async () => {
    const things = fresh()
    const error = await things.bulkWrite(failing, { ordered: false }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 11000, insertedCount: 2, writeErrors: [{ index: 1, code: 11000 }] })
    expect(await things.countDocuments()).toBe(2)
  })
})

describe('across collections', () => {
  test('counts, and each result where it is asked for', async () => {
    const [a, b] = [fresh(), fresh()]
    const result = await server().client.bulkWrite(
      [
        { namespace: a.namespace, name: 'insertOne', document: untyped({ _id: 1 }) },
        {
          namespace: b.namespace,
          name: 'replaceOne',
          filter: untyped({ _id: 5 }),
          replacement: { n: 1 },
          upsert: true,
        },
        {
          namespace: b.namespace,
          name: 'updateOne',
          filter: untyped({ _id: 5 }),
          update: { $inc: { n: 1 } },
        },
        { namespace: a.namespace, name: 'updateMany', filter: untyped({}), update: { $set: { n: 9 } } },
        { namespace: a.namespace, name: 'deleteMany', filter: untyped({ n: 9 }) },
      ],
      { verboseResults: true },
    )
    expect(result).toMatchObject({
      insertedCount: 1,
      upsertedCount: 1,
      matchedCount: 2,
      modifiedCount: 2,
      deletedCount: 1,
    })
    expect(result.updateResults?.get(1)).toMatchObject({ upsertedId: 5, didUpsert: true })
    expect(result.insertResults?.get(0)).toEqual({ insertedId: 1 })
    expect(result.deleteResults?.get(4)).toEqual({ deletedCount: 1 })
    expect(await b.find().toArray()).toEqual([{ _id: 5, n: 2 }])
  })

  test.each([
    [true, 1, 1],
    [false, 1, 2],
  ])('ordered %s', async (ordered, failures, stored) => {
    const a = fresh()
    const models = [1, 1, 2].map((_id) => ({
      namespace: a.namespace,
      name: 'insertOne' as const,
      document: untyped({ _id }),
    }))
    const error = await server()
      .client.bulkWrite(models, { ordered })
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(MongoClientBulkWriteError)
    if (error instanceof MongoClientBulkWriteError) {
      expect(error.writeErrors.size).toBe(failures)
      expect(error.writeErrors.get(1)).toMatchObject({ code: 11000 })
    }
    expect(await a.countDocuments()).toBe(stored)
  })

  test('thousands in one command', async () => {
    const a = fresh()
    const models = Array.from({ length: 5_000 }, (_, _id) => ({
      namespace: a.namespace,
      name: 'insertOne' as const,
      document: untyped({ _id }),
    }))
    expect((await server().client.bulkWrite(models, { verboseResults: true })).insertResults?.size).toBe(
      5_000,
    )
    expect(await a.estimatedDocumentCount()).toBe(5_000)
  })
})
