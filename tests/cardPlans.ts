import { between } from '../embedded/random.ts'
import type { Random } from '../embedded/random.ts'

/** What a customer does about an order that is to be paid by card. */
export const behaviours = [
  'pays',
  'is declined, then pays',
  'proves who they are',
  'fails to prove it, then pays',
  'never asks to pay',
  'never pays',
  'cancels while paying',
  'cancels after paying',
] as const
export type Behaviour = (typeof behaviours)[number]

export interface CardPlan {
  readonly customerId: string
  readonly behaviour: Behaviour
  readonly amount: number
  readonly currency: string
  /** One that is charged, perhaps after its holder has proved who they are. */
  readonly card: string
  /** One that is not. */
  readonly declined: string
}

/** Of a hundred orders. */
const shares: Readonly<Record<Behaviour, number>> = {
  pays: 40,
  'is declined, then pays': 14,
  'proves who they are': 12,
  'fails to prove it, then pays': 4,
  'never asks to pay': 5,
  'never pays': 5,
  'cancels while paying': 14,
  'cancels after paying': 6,
}

const good = ['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex']
const proving = ['pm_card_threeDSecure2Required', 'pm_card_authenticationRequired']
const bad = [
  'pm_card_visa_chargeDeclined',
  'pm_card_visa_chargeDeclinedInsufficientFunds',
  'pm_card_chargeDeclinedExpiredCard',
]
const currencies = ['EUR', 'USD']

/** The same customers for the same seed, each with one order. */
export const cardPlans = (random: Random, count: number): readonly CardPlan[] => {
  const one = (of: readonly string[]): string => of[between(random, 0, of.length - 1)] ?? ''
  const behaviour = (): Behaviour => {
    let left = random() * 100
    return behaviours.find((name) => (left -= shares[name]) < 0) ?? 'pays'
  }
  return Array.from({ length: count }, (_, n) => {
    const wanted = behaviour()
    return {
      customerId: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
      behaviour: wanted,
      amount: between(random, 100, 99_999),
      currency: one(currencies),
      card: one(/prove/.test(wanted) ? proving : good),
      declined: one(bad),
    }
  })
}
