import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrderId } from '../domain/ids.ts'
import { eur } from '../domain/controls.ts'
import { dueOrders } from '../projections/dueOrders.ts'
import { readModels } from '../projections/readModels.ts'
import { cause, goods, placeOrder, startShop } from './shop.ts'
import type { Service } from './shop.ts'
import { stockLevels } from './stockLevels.ts'

const ORDERS = 8
/** Milliseconds to pay: enough for a busy machine to reserve the stock first. */
const SOON = 4_000
const EVER = new Date('2999-01-01T00:00:00.000Z')
const WAIT = { timeout: 60_000, interval: 250 }

const { customer, documents, log, orders, receive, start, storyOf } = await startShop()
const [sku] = await goods()
const mongo = await new MongoClient(documents).connect()
afterAll(() => mongo.close())
const db = mongo.db('counterfoil')
const models = readModels({ db })

/** What the orders went through, in the order of the log. */
const eventsOf = async (ids: readonly OrderId[]) =>
  (await log()).filter(({ data }) => 'orderId' in data && ids.includes(data.orderId))

const count = async (ids: readonly OrderId[], type: string) =>
  (await eventsOf(ids)).filter((event) => event.type === type).length

/** Orders of somebody with money, some for pieces and one for a plain amount, which nobody charges. */
const place = async (paymentTimeout: number) => {
  const [shop, customerId] = [orders(paymentTimeout), await customer(1_000_000)]
  const content = [
    ...Array.from({ length: ORDERS - 1 }, () => ({ lines: [{ sku, quantity: 2 }], fromCart: false })),
    { price: eur(100), description: 'a book' },
  ]
  return Promise.all(content.map((each) => placeOrder(shop, customerId, each)))
}
const reserved = (ids: readonly OrderId[]) =>
  expect.poll(() => count(ids, 'OrderReserved'), WAIT).toBe(ORDERS - 1)
const pastDeadline = async (ids: readonly OrderId[]) => {
  const deadlines = (await eventsOf(ids)).flatMap(({ type, data }) =>
    type === 'OrderPlaced' ? [Date.parse(data.payBy)] : [],
  )
  await expect.poll(() => Date.now(), WAIT).toBeGreaterThan(Math.max(...deadlines))
}

/** All of them end as what nobody pays for does: once, not before the deadline, with their stock back. */
const expire = async (ids: readonly OrderId[]) => {
  await expect.poll(() => count(ids, 'OrderCancelled'), WAIT).toBe(ORDERS)
  await expect.poll(() => count(ids, 'OrderStockSettled'), WAIT).toBe(ORDERS - 1)
  const events = await eventsOf(ids)
  for (const id of ids) {
    const story = events.filter(({ data }) => 'orderId' in data && data.orderId === id)
    const [placed, ended] = [story[0], story.find(({ type }) => type === 'OrderCancelled')]
    if (placed?.type !== 'OrderPlaced' || ended?.type !== 'OrderCancelled') throw new Error('not cancelled')
    expect(ended.data).toMatchObject({ by: 'DEADLINE', statusBefore: 'AWAITING_PAYMENT' })
    expect(Date.parse(ended.metadata.at)).toBeGreaterThanOrEqual(Date.parse(placed.data.payBy))
    expect(story.map(({ type }) => type)).toEqual(
      placed.data.lines.length === 0
        ? ['OrderPlaced', 'OrderCancelled']
        : [
            'OrderPlaced',
            'StockReserved',
            'OrderReserved',
            'OrderCancelled',
            'StockReleased',
            'OrderStockSettled',
          ],
    )
    await expect.poll(() => models.order(id), WAIT).toMatchObject({ status: 'CANCELLED' })
  }
  await expect.poll(() => dueOrders(db, EVER, 100), WAIT).toEqual([])
  expect(stockLevels(await log()).get(sku)).toMatchObject({ reserved: 0 })
}

let projections: Service
beforeAll(async () => {
  projections = start('projections')
  await receive(sku, 500)
})
afterAll(() => projections.stop())

describe('orders that nobody pays', { timeout: 120_000 }, () => {
  it('are cancelled at their deadline, and their stock is released', async () => {
    const service = start('orders')
    const ids = await place(SOON)
    await reserved(ids)
    await expire(ids)
    await service.stop()
    expect(service.said).toEqual([])
  })

  it('are cancelled when the service that should have done so was killed before, and is there again', async () => {
    const killed = start('orders')
    const ids = await place(SOON)
    await reserved(ids)
    await killed.kill()
    await pastDeadline(ids)
    const again = start('orders')
    await expire(ids)
    await again.stop()
  })

  it.each(['OrderCancelled', 'StockReleased', 'OrderStockSettled'])(
    'are cancelled once each when it dies in the middle, after %s',
    async (fatal) => {
      const dying = start('orders', fatal)
      const ids = await place(SOON)
      expect(await dying.ended).toBe('SIGKILL')
      const again = start('orders')
      await expire(ids)
      await again.stop()
    },
  )

  it('are cancelled once each while two services look after them', async () => {
    const services = [start('orders'), start('orders')]
    const ids = await place(SOON)
    await reserved(ids)
    await expire(ids)
    await Promise.all(services.map((service) => service.stop()))
    expect(services.flatMap(({ said }) => said)).toEqual([])
  })
})

describe('money that comes when it is too late', { timeout: 120_000 }, () => {
  const BALANCE = 1_000_000
  const lines = [{ sku, quantity: 2 }]

  it('is not taken from the wallet after the deadline', async () => {
    const service = start('orders')
    const id = await placeOrder(orders(SOON), await customer(BALANCE), { lines, fromCart: false })
    await expect.poll(() => storyOf(id), WAIT).toContain('OrderStockSettled')
    const paying = start('payments')
    await expect.poll(() => storyOf(id), WAIT).toContain('PaymentFailed')
    const story = await storyOf(id)
    expect(story).toContain('DebitRefused')
    expect(story).not.toContain('FundsDebited')
    await expect.poll(() => models.payment(id), WAIT).toMatchObject({ status: 'FAILED' })
    expect(await models.order(id)).toMatchObject({ status: 'CANCELLED' })
    await Promise.all([service.stop(), paying.stop()])
  })

  it('is given back by itself for an order that its customer has cancelled', async () => {
    const service = start('orders')
    const customerId = await customer(BALANCE)
    const shop = orders()
    const id = await placeOrder(shop, customerId, { lines, fromCart: false })
    await expect.poll(() => storyOf(id), WAIT).toContain('OrderReserved')
    const isAllowed = () => true
    const cancelled = await shop.cancelOrder({ orderId: id, isAllowed, by: 'CUSTOMER' }, cause)
    expect(cancelled.refused).toBeUndefined()
    const paying = start('payments')
    await expect.poll(() => storyOf(id), WAIT).toContain('PaymentRefunded')

    await expect.poll(() => models.payment(id), WAIT).toMatchObject({ status: 'REFUNDED' })
    await expect.poll(() => models.wallet(customerId), WAIT).toMatchObject({ balance: eur(BALANCE) })
    expect(await models.order(id)).toMatchObject({ status: 'CANCELLED' })
    expect((await storyOf(id)).toSorted()).toEqual(
      [
        'OrderPlaced',
        'StockReserved',
        'OrderReserved',
        'OrderCancelled',
        'StockReleased',
        'OrderStockSettled',
        'FundsDebited',
        'PaymentSucceeded',
        'OrderPaymentDeclined',
        'FundsRefunded',
        'PaymentRefunded',
      ].toSorted(),
    )
    await Promise.all([service.stop(), paying.stop()])
  })
})
