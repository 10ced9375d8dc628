import type { Product, Wanted } from '../../client/shop.ts'
import { derivedId } from '../../eventstore/idempotency.ts'
import type { Person } from '../cast.ts'
import { chance, inThree } from '../cast.ts'

/** What becomes of an order, if it gets that far. */
export type Plan = 'PAY' | 'CANCEL' | 'REFUND' | 'REFUND_PART' | 'LEAVE'

/** One visit to the shop: what somebody wants, and by which way they order it. */
export interface Visit {
  readonly customer: string
  readonly key: string
  readonly wanted: readonly Wanted[]
  readonly via: 'CART' | 'LINES'
  readonly plan: Plan
}

/** A delivery to a warehouse. */
export interface Delivery extends Wanted {
  readonly warehouse: string
  readonly key: string
}

export interface ShopPlan {
  readonly admin: string
  readonly people: readonly Person[]
  readonly visits: readonly Visit[]
  readonly deliveries: readonly Delivery[]
}

const WAREHOUSES = ['north', 'south', 'harbour']
const SHELVES = 40
const VISITS_EACH = 10
/** One visit in so many: cancelled at once; given back; given back in part. */
const [CANCELLED, RETURNED, RETURNED_IN_PART] = [9, 8, 7]
/** One visit in so many is left to expire, while payments rest. */
const LEFT = 20
/** Pieces for each visit, on average: with less than people want, something runs out. */
const PLENTY = 0.8

/** Who comes, for what, and what is in stock: follows from the seed and the catalogue alone. */
export const shopPlan = (
  seed: string,
  orders: number,
  products: readonly Product[],
  mayLeave: boolean,
): ShopPlan => {
  const goods = products
    .filter(({ isLimited, price }) => isLimited && price.currency === 'EUR')
    .slice(0, SHELVES)
  const packages = products.filter(({ isLimited }) => !isLimited)
  const count = Math.min(500, Math.max(10, Math.ceil(orders / VISITS_EACH)))
  const ids = Array.from({ length: count }, (_, n) => derivedId('shopper', seed, String(n)))
  const visits = Array.from({ length: orders }, (_, n) =>
    visitOf(seed, n, ids[n % count] ?? '', goods, packages, mayLeave),
  )
  const prices = new Map(products.map(({ sku, price }) => [sku, price.amount]))
  const costOf = ({ wanted }: Visit) =>
    wanted.reduce((sum, { sku, quantity }) => sum + (prices.get(sku) ?? 0) * quantity, 0)
  const people = ids.map((id, n): Person => {
    const needed = visits
      .filter(({ customer }) => customer === id)
      .reduce((sum, visit) => sum + costOf(visit), 0)
    if (n % 10 === 9) return { id, kind: 'NO_WALLET', currency: undefined, deposits: [], orders: [] }
    const poor = n % 5 === 3
    const total = poor ? Math.ceil(needed / 3) + 1 : needed + 500
    return { id, kind: poor ? 'POOR' : 'RICH', currency: 'EUR', deposits: inThree(total, 'EUR'), orders: [] }
  })
  return {
    admin: derivedId('shop keeper', seed),
    people,
    visits,
    deliveries: deliveriesFor(seed, goods, visits),
  }
}

const visitOf = (
  seed: string,
  n: number,
  customer: string,
  goods: readonly Product[],
  packages: readonly Product[],
  mayLeave: boolean,
): Visit => {
  const roll = (what: string, of: number) => chance(`${seed} ${what}`, n) % of
  const lines = new Map<string, number>()
  for (let line = 0; line <= roll('lines', 3); line++) {
    const product = goods[roll(`goods ${line}`, goods.length)]
    if (product) lines.set(product.sku, 1 + roll(`pieces ${line}`, 3))
  }
  const extra = packages[roll('package', packages.length * 4)]
  if (extra) lines.set(extra.sku, 1)
  const wanted = [...lines].map(([sku, quantity]) => ({ sku, quantity }))
  const plan = planFor(n, mayLeave)
  const via = plan === 'LEAVE' || roll('via', 2) === 0 ? 'LINES' : 'CART'
  return { customer, key: `visit-${n}`, wanted, via, plan }
}

const planFor = (n: number, mayLeave: boolean): Plan => {
  if (n % LEFT === LEFT - 1) return mayLeave ? 'LEAVE' : 'PAY'
  if (n % CANCELLED === CANCELLED - 1) return 'CANCEL'
  if (n % RETURNED === RETURNED - 1) return 'REFUND'
  return n % RETURNED_IN_PART === RETURNED_IN_PART - 1 ? 'REFUND_PART' : 'PAY'
}

const deliveriesFor = (
  seed: string,
  goods: readonly Product[],
  visits: readonly Visit[],
): readonly Delivery[] => {
  const wanted = new Map<string, number>()
  for (const visit of visits)
    for (const { sku, quantity } of visit.wanted) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity)
  return goods.flatMap(({ sku }, shelf) =>
    WAREHOUSES.map((warehouse, n) => ({
      sku,
      warehouse,
      quantity: Math.max(1, Math.ceil(((wanted.get(sku) ?? 0) * PLENTY) / WAREHOUSES.length)),
      key: `delivery ${seed} ${shelf} ${n}`,
    })),
  )
}
