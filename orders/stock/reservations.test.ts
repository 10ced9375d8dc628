import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { noon } from '../../domain/controls.ts'
import { Sku, Warehouse } from '../../domain/product.ts'
import { begin } from '../../eventstore/metadata.ts'
import { readForwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { fromNorth, line, received, reserved } from './controls.ts'
import { MAX_WAREHOUSES } from './events.ts'
import type { StockEvent } from './events.ts'
import { availableOf, totalOf } from './levels.ts'
import { stockReservations } from './reservations.ts'
import { receive, stock, stockRemembering } from './stock.ts'

const { client } = await startEventStore()
const cause = begin('request', 'somebody')

/** A product of its own for each test. */
let sku: Sku
beforeEach(() => {
  sku = Sku.parse(`teapot-${randomUUID()}`)
})

/** A clock on which every append has a time of its own. */
let ticks = 0
const now = () => new Date(noon.getTime() + ticks++)
const writer = (aggregate = stock) => writerOf(aggregate, { client, now, newId: randomUUID })

/** A process that reserves; some forget soon. */
const shop = (aggregate = stock) => {
  const { reserveLine, releaseLine, writeOffLine } = stockReservations({ client, stocks: writer(aggregate) })
  const lineOf = (n: number, quantity = 1) => ({ ...line(n, quantity), sku })
  return {
    reserve: (n: number, quantity = 1) => reserveLine(lineOf(n, quantity), cause),
    release: (n: number) => releaseLine(lineOf(n), cause),
    writeOff: (n: number) => writeOffLine(lineOf(n), cause),
  }
}
const forgetful = () => shop(stockRemembering({ closedOrders: 2, requests: 2 }))

const stocked = (quantity: number) =>
  writer().transact(sku, receive({ ...received(quantity, quantity).data, sku }), { cause })

const events = async () => {
  const found = []
  for await (const event of readForwards(client, streamOf(stock, sku), 0)) found.push(event)
  return found
}
const state = async () => {
  const all: readonly StockEvent[] = await events()
  return all.reduce(stock.evolve, stock.initial)
}
const count = async () => (await events()).length

describe('a line of an order', () => {
  it('is reserved, and written off when the order is paid', async () => {
    await stocked(5)
    const { reserve, writeOff } = shop()
    expect(await reserve(1, 2)).toEqual({ status: 'RESERVED', parts: [fromNorth(2)] })
    expect(await writeOff(1)).toEqual({ status: 'WRITTEN_OFF', parts: [fromNorth(2)] })
    expect(totalOf((await state()).levels)).toEqual({ onHand: 3, reserved: 0 })
  })

  it('is reserved, and released when the order is given up', async () => {
    await stocked(5)
    const { reserve, release } = shop()
    await reserve(1, 2)
    expect(await release(1)).toEqual({ status: 'RELEASED', parts: [fromNorth(2)] })
    expect(totalOf((await state()).levels)).toEqual({ onHand: 5, reserved: 0 })
  })

  it('is refused with what is available', async () => {
    await stocked(5)
    expect(await shop().reserve(1, 6)).toEqual({ status: 'REFUSED', available: 5 })
  })

  it('stands as it stands, whoever is asked again', async () => {
    await stocked(5)
    await shop().reserve(1, 2)
    await shop().reserve(2, 4)
    await shop().release(3)
    const before = await count()
    const { reserve, release } = shop()
    expect(await reserve(1, 2)).toEqual({ status: 'RESERVED', parts: [fromNorth(2)] })
    expect(await reserve(2, 4)).toEqual({ status: 'REFUSED', available: 3 })
    expect(await release(2)).toEqual({ status: 'REFUSED', available: 3 })
    expect(await reserve(3)).toEqual({ status: 'RELEASED', parts: [] })
    expect(await count()).toBe(before)
  })

  it('is not written off when nothing is reserved', async () => {
    await stocked(5)
    await expect(shop().writeOff(1)).rejects.toThrow(/impossible/)
    expect(await count()).toBe(1)
  })
})

describe('many buyers of one product', () => {
  it('get all that there is and no more, from whichever process, in few appends', async () => {
    await stocked(50)
    const [here, there] = [shop(), shop()]
    const orders = Array.from({ length: 200 }, (_, n) => n + 1)
    const standings = await Promise.all(orders.map((n) => (n % 2 ? here : there).reserve(n)))
    const withStatus = (status: string) => standings.filter((standing) => standing.status === status)
    expect(withStatus('RESERVED')).toHaveLength(50)
    expect(withStatus('REFUSED')).toHaveLength(150)
    const { levels, open } = await state()
    expect(open.size).toBe(50)
    expect(availableOf(totalOf(levels))).toBe(0)
    const appends = new Set((await events()).map(({ metadata }) => metadata.at))
    expect(appends.size).toBeLessThan(20)
  })
})

describe('many orders that are split over all warehouses', () => {
  it('can be given up at once: an append takes them all', async () => {
    const names = Array.from({ length: MAX_WAREHOUSES }, (_, n) => `${n}`.padStart(32, '0'))
    const warehouses = names.map((name) => Warehouse.parse(name))
    const orders = Array.from({ length: 600 }, (_, n) => n + 1)
    const parts = warehouses.map((warehouse) => ({ warehouse, quantity: 50 }))
    const history: StockEvent[] = [
      ...warehouses.map((warehouse, n) => received(30_000, 30_000, { warehouse, idempotencyKey: `${n}` })),
      ...orders.map((n) => reserved(n, ...parts)),
    ]
    for (let from = 0; from < history.length; from += 100) {
      const encoded = history
        .slice(from, from + 100)
        .map((event) => stock.codec.encode(event, randomUUID(), noon, cause))
      await client.appendToStream(streamOf(stock, sku).name, encoded)
    }
    const { release } = shop()
    const standings = await Promise.all(orders.map((n) => release(n)))
    expect(standings).toEqual(orders.map(() => ({ status: 'RELEASED', parts })))
    expect(totalOf((await state()).levels).reserved).toBe(0)
  })
})

describe('an order that comes again after the stock has forgotten it', () => {
  /** Order 1 was released, 2 refused, 3 written off, and 4 never met; the stock remembers only later ones. */
  beforeEach(async () => {
    await stocked(5)
    const { reserve, release, writeOff } = shop()
    await reserve(1, 2)
    await release(1)
    await reserve(2, 9)
    await reserve(3, 2)
    await writeOff(3)
    for (const n of [5, 6, 7, 8, 9]) await release(n)
  })

  it('stands as it stood', async () => {
    const before = await count()
    const { reserve, release, writeOff } = forgetful()
    expect(await reserve(1, 2)).toEqual({ status: 'RELEASED', parts: [fromNorth(2)] })
    expect(await release(1)).toEqual({ status: 'RELEASED', parts: [fromNorth(2)] })
    expect(await reserve(2, 9)).toEqual({ status: 'REFUSED', available: 5 })
    expect(await reserve(3, 2)).toEqual({ status: 'WRITTEN_OFF', parts: [fromNorth(2)] })
    expect(await writeOff(3)).toEqual({ status: 'WRITTEN_OFF', parts: [fromNorth(2)] })
    await expect(release(3)).rejects.toThrow(/impossible/)
    await expect(writeOff(2)).rejects.toThrow(/impossible/)
    expect(await count()).toBe(before)
  })

  it('is reserved, once, if the stock has never met it', async () => {
    const before = await count()
    const [here, there] = [forgetful(), forgetful()]
    const once = { status: 'RESERVED', parts: [fromNorth(1)] }
    expect(await Promise.all([here.reserve(4), there.reserve(4), here.reserve(4)])).toEqual([
      once,
      once,
      once,
    ])
    expect(await forgetful().reserve(4)).toEqual(once)
    expect(await count()).toBe(before + 1)
  })

  it('is given up, once, if the stock has never met it', async () => {
    const before = await count()
    expect(await forgetful().release(4)).toEqual({ status: 'RELEASED', parts: [] })
    expect(await forgetful().reserve(4)).toEqual({ status: 'RELEASED', parts: [] })
    expect(await count()).toBe(before + 1)
  })
})
