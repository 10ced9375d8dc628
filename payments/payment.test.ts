import { describe, it } from 'vitest'
import { ann, eur, orderId } from '../domain/controls.ts'
import { scenario } from '../eventstore/scenario.ts'
import type { PaymentEvent } from './events.ts'
import { payment, settle } from './payment.ts'

const { given } = scenario(payment)
const data = {
  orderId: orderId(1),
  customerId: ann,
  method: 'WALLET',
  price: eur(100),
  orderRevision: 0,
} as const
const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const
const succeeded: PaymentEvent = { type: 'PaymentSucceeded', data }
const failed: PaymentEvent = { type: 'PaymentFailed', data: { ...data, failure: short } }

describe("a payment's outcome", () => {
  it('is put on record', () => {
    given().when(settle(data, undefined)).then(succeeded)
    given().when(settle(data, short)).then(failed)
  })
  it('is put on record once', () => {
    given(succeeded).when(settle(data, undefined)).thenNothing()
    given(failed).when(settle(data, short)).thenNothing()
  })
  it('never changes', () => {
    given(succeeded).whenImpossible(settle(data, short))
    given(failed).whenImpossible(settle(data, undefined))
  })
})
