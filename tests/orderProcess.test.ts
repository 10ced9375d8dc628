import { describe, expect, it } from 'vitest'
import type { UserId } from '../domain/ids.ts'
import { goods, placeOrder, startShop } from './shop.ts'
import { stockLevels } from './stockLevels.ts'

const { customer, log, orders, receive, settled, start, storyOf } = await startShop()
const skus = await goods()

const place = (customerId: UserId, quantity: number) => {
  const lines = skus.map((sku) => ({ sku, quantity }))
  return placeOrder(orders(), customerId, { lines, fromCart: false })
}

const sorted = (types: readonly string[]) => types.toSorted()

/** How it goes, whoever dies in between: nothing twice, nothing missing. */
const stories = {
  paid: {
    amount: 1_000_000,
    quantity: 3,
    story: [
      'OrderPlaced',
      ...skus.map(() => 'StockReserved'),
      'OrderReserved',
      'FundsDebited',
      'PaymentSucceeded',
      'OrderPaid',
      ...skus.map(() => 'StockWrittenOff'),
      'OrderStockSettled',
    ],
  },
  'not paid for': {
    amount: 0,
    quantity: 3,
    story: [
      'OrderPlaced',
      ...skus.map(() => 'StockReserved'),
      'OrderReserved',
      'DebitRefused',
      'PaymentFailed',
      'OrderFailed',
      ...skus.map(() => 'StockReleased'),
      'OrderStockSettled',
    ],
  },
}

describe.each(Object.entries(stories))('an order that is %s', (_, { amount, quantity, story }) => {
  it.each(story.filter((type, n) => story.indexOf(type) === n && /^(Order(?!Placed)|Stock)/.test(type)))(
    'comes to the same end when its service dies after %s',
    { timeout: 60_000 },
    async (fatal) => {
      for (const sku of skus) await receive(sku, 10)
      const customerId = await customer(amount)
      const paying = start('payments')
      const dying = start('orders', fatal)
      const orderId = await place(customerId, quantity)
      expect(await dying.ended).toBe('SIGKILL')
      const again = start('orders')
      await settled(orderId)
      expect(sorted(await storyOf(orderId))).toEqual(sorted(story))
      for (const level of stockLevels(await log()).values()) {
        expect(level.reserved).toBe(0)
        expect(level.received).toBe(level.available + level.writtenOff)
      }
      await Promise.all([paying.stop(), again.stop()])
    },
  )
})

describe('an order for more than there is', () => {
  it.each(['StockReserved', 'ReservationRefused', 'OrderFailed', 'StockReleased'])(
    'keeps no part of it when its service dies after %s',
    { timeout: 60_000 },
    async (fatal) => {
      await receive(skus[0], 400)
      const dying = start('orders', fatal)
      const orderId = await place(await customer(0), 700)
      expect(await dying.ended).toBe('SIGKILL')
      const again = start('orders')
      await settled(orderId)
      expect(sorted(await storyOf(orderId))).toEqual(
        sorted([
          'OrderPlaced',
          'StockReserved',
          'ReservationRefused',
          'OrderFailed',
          'StockReleased',
          'OrderStockSettled',
        ]),
      )
      for (const level of stockLevels(await log()).values()) expect(level.reserved).toBe(0)
      await again.stop()
    },
  )
})
