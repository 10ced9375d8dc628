import { createHash } from 'node:crypto'

export const customers = 2_000
export const customerOf = (i: number): string => idOf('customer', i % customers)

export interface Order {
  readonly _id: string
  readonly customerId: string
  readonly status: string
  readonly placedPosition: number
  readonly position: number
  readonly [field: string]: unknown
}

/** Scattered over all values as ids are in life, and the same in every run. */
export function idOf(kind: string, i: number): string {
  const hex = createHash('md5').update(`${kind}-${i}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

const firstMoment = 1_700_000_000_000
const statuses = ['PAID', 'PAID', 'PAID', 'FAILED', 'CANCELLED']

/** The read model of an order: some 600 bytes of BSON. */
export function order(i: number): Order {
  const placedAt = new Date(firstMoment + i * 1_000)
  const status = statuses[i % statuses.length] ?? 'PAID'
  return {
    _id: idOf('order', i),
    customerId: customerOf(i * 7_919),
    price: { amount: 1_000 + (i % 9_000), currency: 'EUR' },
    description: `order ${i} ${'of something that people buy '.repeat(4)}`,
    paymentMethod: 'WALLET',
    placedAt,
    payBy: new Date(placedAt.getTime() + 600_000),
    status,
    revision: 2,
    history: [
      { status: 'NEW', revision: 0, at: placedAt, position: i * 1_000 },
      { status: 'AWAITING_PAYMENT', revision: 1, at: placedAt, position: i * 1_000 + 300 },
      { status, revision: 2, at: placedAt, position: i * 1_000 + 600 },
    ],
    placedPosition: i * 1_000,
    position: i * 1_000 + 600,
  }
}
