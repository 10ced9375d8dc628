import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { noon, north, south } from '../../domain/controls.ts'
import { Sku } from '../../domain/product.ts'
import { begin } from '../../eventstore/metadata.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { stockCommands } from './commands.ts'
import { line } from './controls.ts'
import { reserve, stock } from './stock.ts'

const { client } = await startEventStore()
const cause = begin('request', 'somebody')

let sku: Sku
beforeEach(() => {
  sku = Sku.parse(`teapot-${randomUUID()}`)
})

const writer = () => writerOf(stock, { client, now: () => noon, newId: randomUUID })
/** Commands of a process that has just started. */
const admin = () => stockCommands(writer())

const pieces = (onHand: number, reserved: number) => ({ onHand, reserved, available: onHand - reserved })
const delivery = (quantity: number, idempotencyKey: string, warehouse = north) => ({
  sku,
  warehouse,
  quantity,
  idempotencyKey,
})
const count = (onHand: number, idempotencyKey: string) => ({
  sku,
  warehouse: north,
  onHand,
  reason: 'counted',
  idempotencyKey,
})

describe('receiving stock', () => {
  it('answers what every warehouse has, by name', async () => {
    await admin().receiveStock(delivery(3, 'first', south), cause)
    expect(await admin().receiveStock(delivery(5, 'second'), cause)).toMatchObject({
      sku,
      warehouses: [
        { warehouse: north, ...pieces(5, 0) },
        { warehouse: south, ...pieces(3, 0) },
      ],
      total: pieces(8, 0),
      revision: 1,
    })
  })

  it('answers as the first time, whatever has happened since', async () => {
    const first = await admin().receiveStock(delivery(5, 'first'), cause)
    await admin().receiveStock(delivery(5, 'second'), cause)
    const again = await admin().receiveStock(delivery(5, 'first'), cause)
    expect({ ...again, position: first.position }).toEqual(first)
    expect(again.position).toBeGreaterThan(first.position)
  })

  it('is refused when its key has been used for another delivery', async () => {
    await admin().receiveStock(delivery(5, 'first'), cause)
    const conflict = { refused: { code: 'IDEMPOTENCY_CONFLICT' } }
    expect(await admin().receiveStock(delivery(6, 'first'), cause)).toMatchObject(conflict)
    expect(await admin().receiveStock(delivery(5, 'first', south), cause)).toMatchObject(conflict)
  })
})

describe('correcting stock', () => {
  it('answers what is there now', async () => {
    await admin().receiveStock(delivery(5, 'first'), cause)
    await writer().transact(sku, reserve({ ...line(1, 2), sku }), { cause })
    expect(await admin().correctStock(count(3, 'count'), cause)).toMatchObject({
      warehouses: [{ warehouse: north, ...pieces(3, 2) }],
      total: pieces(3, 2),
    })
  })

  it('is refused below what is reserved, and says how much that is', async () => {
    await admin().receiveStock(delivery(5, 'first'), cause)
    const { position } = await writer().transact(sku, reserve({ ...line(1, 2), sku }), { cause })
    const refused = { code: 'BELOW_RESERVED', reserved: 2 }
    expect(await admin().correctStock(count(1, 'count'), cause)).toEqual({ refused, position })
  })

  it('is refused when its key has been used with another reason', async () => {
    await admin().correctStock(count(3, 'count'), cause)
    const another = { ...count(3, 'count'), reason: 'one was broken' }
    expect(await admin().correctStock(another, cause)).toMatchObject({
      refused: { code: 'IDEMPOTENCY_CONFLICT' },
    })
  })
})

describe('what is known for certain of a stock', () => {
  it('is as of this moment, whoever changed it', async () => {
    const [here, there] = [admin(), admin()]
    expect(await here.availableOf(sku, cause)).toBe(0)
    expect(await here.isKept(sku, cause)).toBe(false)
    await there.receiveStock(delivery(5, 'first'), cause)
    await there.receiveStock(delivery(2, 'second', south), cause)
    expect(await here.availableOf(sku, cause)).toBe(7)
    expect(await here.isKept(sku, cause)).toBe(true)
    await writer().transact(sku, reserve({ ...line(1, 6), sku }), { cause })
    expect(await here.availableOf(sku, cause)).toBe(1)
  })

  it('is whether a request was carried out before', async () => {
    await admin().receiveStock(delivery(5, 'first'), cause)
    expect(await admin().isRepeated({ sku, idempotencyKey: 'first' }, cause)).toBe(true)
    expect(await admin().isRepeated({ sku, idempotencyKey: 'second' }, cause)).toBe(false)
  })
})
