import { describe, expect, it } from 'vitest'
import type { Product } from '../../client/shop.ts'
import { shopPlan } from './plan.ts'

const products: readonly Product[] = [
  ...Array.from({ length: 10 }, (_, n) => ({
    sku: `thing-${n}`,
    price: { amount: 100 + n, currency: 'EUR' },
    isLimited: true,
  })),
  { sku: 'basic', price: { amount: 999, currency: 'EUR' }, isLimited: false },
]

describe('who comes to the shop', () => {
  it('follows from the seed', () => {
    expect(shopPlan('a', 100, products, true)).toEqual(shopPlan('a', 100, products, true))
    expect(shopPlan('b', 100, products, true)).not.toEqual(shopPlan('a', 100, products, true))
  })
  it('wants less than everything, and some of it runs out', () => {
    const { visits, deliveries } = shopPlan('a', 500, products, true)
    for (const { sku, isLimited } of products) {
      const sum = (all: readonly { sku: string; quantity: number }[]) =>
        all.reduce((sum, each) => (each.sku === sku ? sum + each.quantity : sum), 0)
      const [wanted, there] = [sum(visits.flatMap(({ wanted }) => wanted)), sum(deliveries)]
      expect(there > 0).toBe(isLimited)
      if (isLimited) expect(there).toBeLessThan(wanted)
    }
  })
  it('leaves orders to expire only where payments can rest, and then without a cart', () => {
    const plans = (mayLeave: boolean) => shopPlan('a', 100, products, mayLeave).visits
    expect(plans(false).filter(({ plan }) => plan === 'LEAVE')).toEqual([])
    const left = plans(true).filter(({ plan }) => plan === 'LEAVE')
    expect(left.length).toBeGreaterThan(0)
    expect(left.every(({ via }) => via === 'LINES')).toBe(true)
  })
})
