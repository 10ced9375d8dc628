import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { north, south, teapot } from '../domain/controls.ts'
import { Sku } from '../domain/product.ts'
import { writerOf } from '../eventstore/transact.ts'
import { play, requests } from '../orders/stock/anyRequests.ts'
import {
  corrected,
  fromNorth,
  line,
  received,
  released,
  reserved,
  writtenOff,
} from '../orders/stock/controls.ts'
import type { StockEvent } from '../orders/stock/events.ts'
import { stockReservations } from '../orders/stock/reservations.ts'
import { receive, release, stock } from '../orders/stock/stock.ts'
import { startNodes } from '../tests/startNodes.ts'
import { projections } from './all.ts'
import { StockDocument } from './documents.ts'
import type { StockView } from './documents.ts'
import { readModels } from './readModels.ts'
import { projecting, recorded } from './scenario.ts'
import { cause, documentsOf, now, readSide } from './underTest.ts'

type Moving = Exclude<StockEvent, { type: 'ReservationRefused' }>
const isMoving = (event: StockEvent): event is Moving => event.type !== 'ReservationRefused'

const { given } = projecting(projections.stock)
const stream = `stock-${teapot}`
const level = { onHand: 0, reserved: 0, available: 0, received: 0, corrected: 0, writtenOff: 0 }

describe('a product’s stock', () => {
  const shows = (events: readonly Moving[], only: Partial<StockView['total']>) =>
    given(...recorded(stream, events)).then({
      _id: teapot,
      warehouses: [{ warehouse: north, ...level, ...only }],
      total: { ...level, ...only },
      revision: events.length - 1,
    })

  it('shows what arrived', () =>
    shows([received(5, 5), received(2, 7)], { onHand: 7, available: 7, received: 7 }))
  it('shows what counting has changed', () =>
    shows([received(5, 5), corrected(5, 3), corrected(3, 4)], {
      onHand: 4,
      available: 4,
      received: 5,
      corrected: -1,
    }))
  it('shows what is reserved', () =>
    shows([received(5, 5), reserved(1, fromNorth(2))], { onHand: 5, reserved: 2, available: 3, received: 5 }))
  it('shows what was given back', () =>
    shows([received(5, 5), reserved(1, fromNorth(2)), released(1, fromNorth(2))], {
      onHand: 5,
      available: 5,
      received: 5,
    }))
  it('shows what has left', () =>
    shows([received(5, 5), reserved(1, fromNorth(2)), writtenOff(1, fromNorth(2))], {
      onHand: 3,
      available: 3,
      received: 5,
      writtenOff: 2,
    }))

  it('shows every warehouse, by name, and all together', () => {
    const parts = [{ warehouse: south, quantity: 3 }, fromNorth(1)]
    const events = [received(3, 3, { warehouse: south }), received(2, 2), reserved(1, ...parts)]
    given(...recorded(stream, events)).then({
      _id: teapot,
      warehouses: [
        { warehouse: north, ...level, onHand: 2, reserved: 1, available: 1, received: 2 },
        { warehouse: south, ...level, onHand: 3, reserved: 3, received: 3 },
      ],
      total: { ...level, onHand: 5, reserved: 4, available: 1, received: 5 },
      revision: 2,
    })
  })

  it('is nothing when an order was given up before anything arrived', () =>
    given(...recorded(stream, [released(1)])).then({
      _id: teapot,
      warehouses: [],
      total: level,
      revision: 0,
    }))

  it('is never shown with more reserved than there is', () => {
    expect(() => given(...recorded(stream, [received(1, 1), reserved(1, fromNorth(2))]))).toThrow(
      /impossible/,
    )
    expect(() => given(...recorded(stream, [received(1, 1), released(1, fromNorth(1))]))).toThrow(
      /impossible/,
    )
  })

  it('has the levels that decisions are made on, and its books balance', () =>
    fc.assert(
      fc.property(requests, (requests) => {
        const { events, state } = play(requests)
        let view: StockView | undefined
        for (const event of recorded(stream, events.filter(isMoving)))
          view = projections.stock.apply(view, event)
        const shelves = view?.warehouses ?? []
        expect(
          new Map(shelves.map(({ warehouse, onHand, reserved }) => [warehouse, { onHand, reserved }])),
        ).toEqual(new Map(state.levels))
        for (const all of [...shelves, ...(view ? [view.total] : [])]) {
          expect(all.available + all.reserved).toBe(all.onHand)
          expect(all.received + all.corrected).toBe(all.onHand + all.writtenOff)
        }
      }),
    ))
})

describe('the stock in the database', () => {
  const side = readSide(startNodes)
  const stocks = () => writerOf(stock, { client: side.client(), now, newId: randomUUID })
  const newSku = () => Sku.parse(`teapot-${randomUUID()}`)
  const stocked = (sku: Sku, quantity: number) =>
    stocks().transact(sku, receive({ ...received(quantity, quantity).data, sku }), { cause })
  const shown = async (sku: Sku, position: bigint) => {
    await readModels({ db: side.db() }).reached(position, 10_000, 'stock')
    return StockDocument.parse(await side.db().collection<{ _id: string }>('stock').findOne({ _id: sku }))
  }

  it('shows what is left while orders are reserved', async () => {
    side.run()
    const sku = newSku()
    await stocked(sku, 5)
    const { reserveLine } = stockReservations({ client: side.client(), stocks: stocks() })
    await Promise.all([1, 2, 3, 4].map((n) => reserveLine({ ...line(n, 2), sku }, cause)))
    const { position } = await stocks().transact(sku, release({ ...line(1, 2), sku }), { cause })
    expect(await shown(sku, position)).toMatchObject({ total: { onHand: 5, reserved: 2, available: 3 } })
  })

  it('shows a product whose first order was refused', async () => {
    side.run()
    const sku = newSku()
    const { reserveLine } = stockReservations({ client: side.client(), stocks: stocks() })
    await reserveLine({ ...line(1, 2), sku }, cause)
    const { position } = await stocked(sku, 5)
    expect(await shown(sku, position)).toMatchObject({ total: { available: 5 }, revision: 1 })
  })

  it('is the same when it is folded anew', async () => {
    const [one, another] = [newSku(), newSku()]
    let position = 0n
    for (const sku of [one, another]) {
      await stocked(sku, 5)
      const { reserveLine, writeOffLine } = stockReservations({ client: side.client(), stocks: stocks() })
      await reserveLine({ ...line(1, 2), sku }, cause)
      await writeOffLine({ ...line(1, 2), sku }, cause)
      position = (await stocks().transact(sku, release({ ...line(2, 2), sku }), { cause })).position
    }
    side.run()
    await readModels({ db: side.db() }).reached(position, 10_000, 'stock')
    const once = await documentsOf(side.db(), 'stock')
    const other = side.anotherDb()
    side.run(undefined, other)
    await readModels({ db: other }).reached(position, 10_000, 'stock')
    expect(await documentsOf(other, 'stock')).toEqual(once)
    expect(once.length).toBeGreaterThanOrEqual(2)
  })
})
