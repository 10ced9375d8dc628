import { UserId } from '../../domain/ids.ts'
import { derivedId } from '../../eventstore/idempotency.ts'
import { between } from '../../embedded/random.ts'
import type { Random } from '../../embedded/random.ts'

/** With money enough, with too little, with a wallet in dollars, or with none. */
export type Kind = 'STEADY' | 'SHORT' | 'DOLLARS' | 'NO_WALLET'

export interface Customer {
  readonly id: UserId
  readonly kind: Kind
  /** Placed so far. */
  orders: number
}

/** Everybody who orders: a few who order all the time, and many who do now and then. */
export interface Crowd {
  readonly regulars: readonly Customer[]
  readonly occasional: readonly Customer[]
  /** Who places the next order. */
  readonly next: () => Customer
}

const REGULARS = 3
/** Of all orders, those of each regular. */
const REGULAR_SHARE = 0.02
/** Orders of an occasional customer, on average. */
const ORDERS_EACH = 20

/** Of a hundred occasional customers: so many that are not steady. */
const kindOf = (index: number): Kind => {
  const percent = index % 100
  if (percent < 5) return 'SHORT'
  if (percent < 8) return 'DOLLARS'
  return percent === 8 ? 'NO_WALLET' : 'STEADY'
}

/** Follows from the seed, the number of orders and chance; another seed makes other people. */
export const crowdOf = (seed: number, orders: number, random: Random): Crowd => {
  const named = (role: string, index: number) => UserId.parse(derivedId(`customer ${seed}`, role, `${index}`))
  const regulars = Array.from({ length: REGULARS }, (_, index) => ({
    id: named('regular', index),
    kind: 'STEADY' as const,
    orders: 0,
  }))
  const occasional = Array.from({ length: Math.max(10, Math.ceil(orders / ORDERS_EACH)) }, (_, index) => ({
    id: named('occasional', index),
    kind: kindOf(index),
    orders: 0,
  }))
  const pick = (from: readonly Customer[]): Customer => {
    const picked = from[between(random, 0, from.length - 1)]
    if (!picked) throw new Error('a crowd without people')
    picked.orders++
    return picked
  }
  return {
    regulars,
    occasional,
    next: () => pick(random() < REGULARS * REGULAR_SHARE ? regulars : occasional),
  }
}
