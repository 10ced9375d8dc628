import { createHash } from 'node:crypto'
import { derivedId } from '../eventstore/idempotency.ts'

export interface Money {
  readonly amount: number
  readonly currency: string
}

/** What kind of customer somebody is: with plenty of money, too little, dollars, or no wallet at all. */
export type Kind = 'RICH' | 'POOR' | 'DOLLARS' | 'NO_WALLET'

export interface Person {
  readonly id: string
  readonly kind: Kind
  /** Undefined: opens no wallet. */
  readonly currency: string | undefined
  readonly deposits: readonly { readonly money: Money; readonly key: string }[]
  readonly orders: readonly PlannedOrder[]
}

export interface PlannedOrder {
  readonly key: string
  readonly customer: string
  readonly price: Money
  readonly description: string
}

const KINDS: readonly Kind[] = [
  'RICH', 'RICH', 'POOR', 'DOLLARS', 'RICH', 'NO_WALLET', 'RICH', 'POOR', 'RICH', 'RICH',
] // prettier-ignore
const GOODS = ['Coffee beans', 'Notebook', 'Desk lamp', 'Tea pot', 'Umbrella', 'Water bottle', 'Backpack']
const ORDERS_EACH = 20

/** Who takes part, and everything that they will do: follows from the seed alone. */
export const castOf = (seed: string, orders: number): readonly Person[] => {
  const people = Math.min(500, Math.max(KINDS.length, Math.ceil(orders / ORDERS_EACH)))
  return Array.from({ length: people }, (_, index) => personOf(seed, index, people, orders))
}

const personOf = (seed: string, index: number, people: number, orders: number): Person => {
  const id = derivedId('demo', seed, String(index))
  const kind = KINDS[index % KINDS.length] ?? 'RICH'
  const planned: PlannedOrder[] = []
  for (let number = index; number < orders; number += people)
    planned.push({
      key: `order-${number}`,
      customer: id,
      // Of those with dollars, every second one orders in euros all the same.
      price: {
        amount: 100 + (chance(seed, number) % 9_900),
        currency: kind === 'DOLLARS' && planned.length % 2 === 0 ? 'USD' : 'EUR',
      },
      description: GOODS[chance(seed, number) % GOODS.length] ?? 'Something',
    })
  const currency = kind === 'NO_WALLET' ? undefined : kind === 'DOLLARS' ? 'USD' : 'EUR'
  const needed = planned.reduce((sum, { price }) => sum + price.amount, 0)
  const total = kind === 'POOR' ? Math.ceil(needed / 2) + 1 : needed + 500
  return { id, kind, currency, deposits: currency ? inThree(total, currency) : [], orders: planned }
}

export const inThree = (total: number, currency: string) => {
  const third = Math.max(1, Math.floor(total / 3))
  return [third, third, Math.max(1, total - 2 * third)].map((amount, index) => ({
    key: `deposit-${index}`,
    money: { amount, currency },
  }))
}

/** A number that looks like chance and is always the same. */
export const chance = (seed: string, number: number): number =>
  createHash('sha256').update(`${seed}:${number}`).digest().readUInt32BE(0)
