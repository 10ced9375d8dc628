import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { toFields, toRaw, type Fields } from '../bson/codec.ts'
import { temporaryDirectory } from '../behaviour/server.ts'
import type { Collection } from './collection.ts'
import { compileFilter } from './filter.ts'
import { parseIndex } from './index-definition.ts'
import { Operation } from './operation.ts'
import { planQuery } from './planner.ts'
import { runQuery } from './query.ts'
import { parseSort } from './sort.ts'
import { Store } from './store.ts'

const directory = temporaryDirectory()
const store = new Store(directory, Date.now)
let orders: Collection

const rows = Array.from({ length: 2_000 }, (_, i) => ({
  _id: `order-${i}`,
  customerId: `c${i % 4}`,
  placedAt: new Date(1_000 * Math.floor(i / 8)),
  status: i % 3 === 0 ? 'PAID' : 'PLACED',
}))

beforeAll(async () => {
  await store.write(['t.orders'], ([collection]) => rows.forEach((row) => collection?.insert(toRaw(row))))
  orders = store.catalog.ensure('t.orders')
  const indexes = [
    { name: 'by-customer', key: { customerId: 1, placedAt: -1, _id: -1 } },
    { name: 'by-status', key: { status: 1, customerId: 1 } },
    { name: 'paid', key: { placedAt: 1 }, partialFilterExpression: { status: 'PAID' } },
    { name: 'due', key: { dueAt: 1 }, partialFilterExpression: { dueAt: { $exists: true } } },
  ]
  await store.definitions.createIndexes('t.orders', () => indexes.map((index) => parseIndex(toRaw(index))))
})
afterAll(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

const planned = (filter: Fields, sort: Fields = {}) =>
  planQuery(orders, compileFilter(toRaw(filter)), parseSort(toRaw(sort)))

describe('the index chosen', () => {
  test.each<[string, Fields, Fields, string | undefined]>([
    ['none without a reason', {}, {}, undefined],
    ['the one with the equality', { customerId: 'c1' }, {}, 'by-customer'],
    ['the longest equality', { customerId: 'c1', status: 'PAID' }, {}, 'by-status'],
    ['equality and range', { customerId: 'c1', placedAt: { $gt: new Date(0) } }, {}, 'by-customer'],
    [
      'the partial one, where the filter is as narrow',
      { status: 'PAID', placedAt: new Date(0) },
      { placedAt: 1 },
      'paid',
    ],
    ['not the partial one otherwise', { placedAt: new Date(0) }, {}, undefined],
    ['the one of what is there, for what is compared', { dueAt: { $lte: new Date(0) } }, {}, 'due'],
    ['and for what has to be there', { dueAt: { $exists: true } }, { dueAt: 1 }, 'due'],
    ['not for what may be missing', { dueAt: null }, {}, undefined],
    ['nor for one of which nothing is known', { dueAt: { $exists: false } }, { dueAt: 1 }, undefined],
    ['_id before all', { _id: 'order-1', customerId: 'c1' }, {}, '_id_'],
  ])('%s', (_, filter, sort, name) => {
    expect(planned(filter, sort).index?.definition.name).toBe(name)
  })
})

describe('the order', () => {
  test.each<[string, Fields, Fields, boolean]>([
    ['of the index', { customerId: 'c1' }, { placedAt: -1 }, true],
    ['of all its fields', { customerId: 'c1' }, { placedAt: -1, _id: -1 }, true],
    ['backwards', { customerId: 'c1' }, { placedAt: 1, _id: 1 }, true],
    ['not where one field runs against the others', { customerId: 'c1' }, { placedAt: -1, _id: 1 }, false],
    ['not over several stretches', { customerId: { $in: ['c1', 'c2'] } }, { placedAt: -1 }, false],
    ['of _id', {}, { _id: -1 }, true],
    ['not of _id, where another index finds more', { status: 'NEW' }, { _id: 1 }, false],
  ])('%s', (_, filter, sort, sorted) => {
    expect(planned(filter, sort).sorted).toBe(sorted)
  })
})

test('a page of a list reads only what it returns', () => {
  const reads = vi.spyOn(orders, 'get')
  const filter = compileFilter(toRaw({ customerId: 'c1', placedAt: { $lt: new Date(100_000) } }))
  const page: Fields[] = []
  runQuery(orders, { filter, sort: parseSort(toRaw({ placedAt: -1, _id: -1 })), skip: 0, limit: 20 }).run(
    (document) => {
      page.push(toFields(document))
      return true
    },
    Operation.unlimited('find'),
  )
  expect(reads).toHaveBeenCalledTimes(20)
  const expected = rows
    .filter(({ customerId, placedAt }) => customerId === 'c1' && placedAt < new Date(100_000))
    .toSorted((a, b) => b.placedAt.getTime() - a.placedAt.getTime() || (a._id < b._id ? 1 : -1))
  expect(page).toEqual(expected.slice(0, 20))
  reads.mockRestore()
})
