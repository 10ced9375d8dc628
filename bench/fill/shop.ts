import type { UserId } from '../../domain/ids.ts'
import type { Append, Telling } from './append.ts'
import { crowdOf } from './customers.ts'
import type { Crowd, Customer } from './customers.ts'
import { orderSteps } from './orders.ts'
import type { Charged, Placed, Settled } from './orders.ts'
import { between, randomOf } from '../../embedded/random.ts'
import { walletsOf } from './wallets.ts'

export interface ShopOptions extends Telling {
  readonly seed: number
  /** About how many orders there will be. */
  readonly orders: number
}

/** A shop at work, as its log shows it. */
export interface Shop {
  readonly crowd: Crowd
  /** Orders placed so far, and those of them that have failed. */
  readonly orders: () => number
  readonly failed: () => number
  /** Events that there are when all orders that were placed have ended. */
  readonly events: () => number
  /** Places up to `most` orders and takes all earlier ones a step further; false when none is left. */
  readonly turn: (most: number) => { readonly appends: readonly Append[]; readonly busy: boolean }
}

const GOODS = ['Coffee beans', 'Notebook', 'Desk lamp', 'Tea pot', 'Umbrella', 'Water bottle', 'Backpack']
const CENTS = { price: [100, 10_000], plenty: [50_000, 200_000], little: [5_000, 20_000] } as const
/** Below it, who has money enough deposits before the next order. */
const LOW = CENTS.price[1]
/** How often somebody with dollars orders in euros all the same, and somebody short of money deposits again. */
const ABSENT_MINDED = 0.1
const PAYDAY = 0.2
/** From placed to paid or failed, whatever comes of it. */
export const EVENTS_OF_AN_ORDER = 4
/** Before it, a wallet may be opened and filled. */
export const MOST_EVENTS_OF_AN_ORDER = 2 + EVENTS_OF_AN_ORDER

/**
 * What happens in a shop, wave by wave: while one wave of orders is placed, the one before it is debited, and
 * so on, so that each step comes after the one that it follows from, and a log looks as it does under load.
 */
export const shopOf = ({ seed, orders: expected, ...telling }: ShopOptions): Shop => {
  const random = randomOf(seed)
  const crowd = crowdOf(seed, expected, random)
  const wallets = walletsOf(telling)
  const steps = orderSteps(wallets, telling)
  let placed: readonly Placed[] = []
  let charged: readonly Charged[] = []
  let settled: readonly Settled[] = []
  let [orders, failed, walletEvents] = [0, 0, 0]
  /** What the orders of a customer that are not charged yet will take. */
  const owed = new Map<UserId, number>()
  const owe = (id: UserId, amount: number) => owed.set(id, (owed.get(id) ?? 0) + amount)

  const deposit = ({ id }: Customer, currency: string, [least, most]: readonly [number, number]) => {
    if (!wallets.isOpen(id)) {
      wallets.open(id, currency)
      walletEvents++
    }
    wallets.deposit(id, { amount: between(random, least, most), currency })
    walletEvents++
  }

  const provide = (customer: Customer) => {
    switch (customer.kind) {
      case 'NO_WALLET':
        return
      case 'SHORT':
        if (!wallets.isOpen(customer.id) || random() < PAYDAY) deposit(customer, 'EUR', CENTS.little)
        return
      case 'STEADY':
      case 'DOLLARS':
        if (wallets.balance(customer.id) - (owed.get(customer.id) ?? 0) < LOW)
          deposit(customer, customer.kind === 'DOLLARS' ? 'USD' : 'EUR', CENTS.plenty)
        return
      default:
        customer.kind satisfies never
    }
  }

  const placeNext = () => {
    const customer = crowd.next()
    provide(customer)
    const currency = customer.kind === 'DOLLARS' && random() >= ABSENT_MINDED ? 'USD' : 'EUR'
    const price = { amount: between(random, ...CENTS.price), currency }
    owe(customer.id, price.amount)
    const goods = GOODS[between(random, 0, GOODS.length - 1)] ?? 'Something'
    return steps.place(customer, `order-${orders++}`, price, goods)
  }

  return {
    crowd,
    orders: () => orders,
    failed: () => failed,
    events: () => walletEvents + EVENTS_OF_AN_ORDER * orders,
    turn: (most) => {
      const finishing = settled.map(steps.finish)
      const settling = charged.map(steps.settle)
      for (const { order } of placed) owe(order.customerId, -order.price.amount)
      charged = placed.map(steps.charge)
      settled = settling.map(({ settled }) => settled)
      failed += charged.filter(({ verdict }) => verdict).length
      const placing = Array.from({ length: most }, placeNext)
      placed = placing.map(({ placed }) => placed)
      return {
        appends: [
          ...placing.map(({ append }) => append),
          ...wallets.take(),
          ...settling.map(({ append }) => append),
          ...finishing,
        ],
        busy: placed.length + charged.length + settled.length > 0,
      }
    },
  }
}
