import { OrderId, UserId } from './ids.ts'
import type { Money } from './money.ts'
import { Sku, Warehouse } from './product.ts'

/** Valid examples in one word, for tests. */
export const ann = UserId.parse('a0000000-0000-4000-8000-000000000001')
export const bob = UserId.parse('b0000000-0000-4000-8000-000000000002')

/** The n-th of as many orders as a test needs. */
export const orderId = (n: number): OrderId =>
  OrderId.parse(`c0000000-0000-4000-8000-${String(n).padStart(12, '0')}`)

export const teapot = Sku.parse('teapot-blue-1l')
export const cup = Sku.parse('cup-white')
export const north = Warehouse.parse('north')
export const south = Warehouse.parse('south')

export const eur = (amount: number): Money => ({ amount, currency: 'EUR' })
export const usd = (amount: number): Money => ({ amount, currency: 'USD' })

/** Noon of the day on which all examples play, and moments after it. */
export const noon = new Date('2026-01-02T12:00:00.000Z')
export const minutesAfterNoon = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000)
