import { describe, expect, test, vi } from 'vitest'
import { refusalOf, testServer, type Thing } from './server.ts'

const server = testServer()
let collections = 0
const fresh = () => server().db.collection<Thing>(`options${++collections}`)

describe('options', () => {
  test('sort says which one', async () => {
    const things = fresh()
    await things.insertMany([1, 2, 3].map((_id) => ({ _id, n: -_id })))
    await things.updateOne({}, { $set: { first: true } }, { sort: { n: 1 } })
    await things.replaceOne({}, { last: true }, { sort: { _id: 1 } })
    expect(await things.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, last: true },
      { _id: 2, n: -2 },
      { _id: 3, n: -3, first: true },
    ])
  })

  test('let carries values into filters and pipelines', async () => {
    const things = fresh()
    await things.insertMany([1, 2].map((_id) => ({ _id, n: _id })))
    const filter = { $expr: { $eq: ['$n', '$$wanted'] } }
    await things.updateOne(filter, [{ $set: { n: { $add: ['$n', '$$more'] } } }], {
      let: { wanted: 2, more: 5 },
    })
    expect(await things.findOne({ _id: 2 })).toEqual({ _id: 2, n: 7 })
    expect((await things.deleteMany(filter, { let: { wanted: 7 } })).deletedCount).toBe(1)
  })

  test('the plain collation and the bypass of a validation that nobody asked for change nothing', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1, text: 'a' }, { bypassDocumentValidation: true })
    const options = { collation: { locale: 'simple' }, bypassDocumentValidation: true, hint: '_id_' }
    expect((await things.updateOne({ text: 'A' }, { $set: { n: 1 } }, options)).matchedCount).toBe(0)
    expect((await things.updateOne({ text: 'a' }, { $set: { n: 1 } }, options)).matchedCount).toBe(1)
    expect(
      (await things.deleteOne({ text: 'a' }, { collation: { locale: 'simple' }, hint: { _id: 1 } }))
        .deletedCount,
    ).toBe(1)
  })

  test('a pipeline makes the document anew, but for its _id', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1, a: 1, b: { c: 2 } })
    await things.updateOne({ _id: 1 }, [
      { $replaceWith: { sum: { $add: ['$a', '$b.c'] } } },
      { $set: { old: false } },
    ])
    expect(await things.findOne({})).toEqual({ _id: 1, sum: 3, old: false })
    expect((await refusalOf(things.updateOne({ _id: 1 }, [{ $set: { _id: 2 } }]))).code).toBe(66)
    expect((await refusalOf(things.updateOne({ _id: 1 }, [{ $group: { _id: 1 } }]))).code).toBe(72)
  })

  test('a replacement only of what is older: of a newer one there is a duplicate', async () => {
    const things = fresh()
    const put = (position: number) =>
      things.replaceOne({ _id: 1, position: { $lte: position } }, { position }, { upsert: true })
    expect(await put(5)).toMatchObject({ upsertedCount: 1 })
    expect(await put(7)).toMatchObject({ matchedCount: 1 })
    const late = await refusalOf(put(6))
    expect(late).toMatchObject({ code: 11000, response: { keyPattern: { _id: 1 }, keyValue: { _id: 1 } } })
    expect(await things.findOne({})).toEqual({ _id: 1, position: 7 })
  })

  test('writes without an answer are done', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1 }, { writeConcern: { w: 0 } })
    await vi.waitFor(async () => expect(await things.countDocuments()).toBe(1))
  })

  test('an update of nothing makes no collection', async () => {
    const things = fresh()
    expect((await things.updateOne({ _id: 1 }, { $set: { n: 1 } })).matchedCount).toBe(0)
    expect((await things.deleteMany({})).deletedCount).toBe(0)
    expect(await server().db.listCollections({ name: things.collectionName }).toArray()).toEqual([])
  })
})
