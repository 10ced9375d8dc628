import { expect, it } from 'vitest'
import type { UserId } from '../domain/ids.ts'
import type { OrderEvent } from '../orders/events.ts'
import type { PaymentEvent, WalletEvent } from '../payments/events.ts'
import { goods, placeOrder, startShop } from './shop.ts'
import type { Logged } from './shop.ts'
import { stockLevels } from './stockLevels.ts'

const BUYERS = 1_000
const PIECES = 100
/** Wallets that are opened at the same time. */
const AT_A_TIME = 50

const { client, customer, log, orders, receive, start } = await startShop()
const [sku] = await goods()

const buyers = async (): Promise<readonly UserId[]> => {
  const ids: UserId[] = []
  while (ids.length < BUYERS)
    ids.push(...(await Promise.all(Array.from({ length: AT_A_TIME }, () => customer(1_000_000)))))
  return ids
}

const ordersWith = (
  events: readonly Logged[],
  type: Extract<OrderEvent | PaymentEvent | WalletEvent, { data: { orderId: string } }>['type'],
) => events.flatMap((event) => (event.type === type && 'orderId' in event.data ? [event.data.orderId] : []))

/** Messages that somebody gave up, by group. */
const parked = async () => {
  const groups = await client.listAllPersistentSubscriptions()
  const all = await Promise.all(
    groups.map(({ groupName }) => client.getPersistentSubscriptionToAllInfo(groupName)),
  )
  return Object.fromEntries(all.map(({ groupName, stats }) => [groupName, stats.parkedMessageCount]))
}

it(
  `${BUYERS} people who want the last ${PIECES} pieces at the same moment: ${PIECES} get one, and nobody else pays`,
  { timeout: 180_000 },
  async () => {
    await receive(sku, PIECES / 2)
    const people = await buyers()
    const services = [start('orders'), start('payments')]
    const shop = orders()
    const placed = await Promise.all(
      people.map((person) => placeOrder(shop, person, { lines: [{ sku, quantity: 1 }], fromCart: false })),
    )
    const settled = async () => ordersWith(await log(), 'OrderStockSettled')
    await expect.poll(settled, { timeout: 150_000, interval: 1_000 }).toHaveLength(BUYERS)

    const events = await log()
    expect((await settled()).toSorted()).toEqual(placed.toSorted())
    const paid = ordersWith(events, 'OrderPaid')
    const failed = events.flatMap(({ type, data }) => (type === 'OrderFailed' ? [data] : []))
    expect(paid).toHaveLength(PIECES)
    expect(failed).toHaveLength(BUYERS - PIECES)
    expect([...paid, ...failed.map(({ orderId }) => orderId)].toSorted()).toEqual(placed.toSorted())
    for (const { failure } of failed)
      expect(failure).toEqual({ reason: 'OUT_OF_STOCK', missing: [{ sku, wanted: 1, available: 0 }] })

    expect(ordersWith(events, 'FundsDebited').toSorted()).toEqual(paid.toSorted())
    expect(ordersWith(events, 'PaymentSucceeded').toSorted()).toEqual(paid.toSorted())
    expect(ordersWith(events, 'DebitRefused')).toEqual([])
    expect(stockLevels(events).get(sku)).toEqual({
      received: PIECES,
      available: 0,
      reserved: 0,
      writtenOff: PIECES,
    })

    const stuck = await parked()
    expect(Object.keys(stuck)).toEqual(expect.arrayContaining(['orders-process', 'payments-charge-orders']))
    expect(Object.values(stuck).filter((count) => count > 0)).toEqual([])
    await Promise.all(services.map((service) => service.stop()))
    expect(services.flatMap(({ said }) => said)).toEqual([])
  },
)
