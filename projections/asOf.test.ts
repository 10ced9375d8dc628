import { describe, expect, it } from 'vitest'
import { ann, eur, orderId } from '../domain/controls.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { paid, placed } from '../orders/controls.ts'
import { debited, debitRefused, deposited, opened } from '../payments/controls.ts'
import type { WalletEvent } from '../payments/events.ts'
import { projections } from './all.ts'
import { asOf } from './asOf.ts'
import { at, recorded } from './scenario.ts'

async function* reading<E>(events: readonly Recorded<E>[]) {
  yield* events
}

const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const
const annsWallet = recorded<WalletEvent>(`wallet-${ann}`, [
  opened(),
  deposited(150, 150),
  debitRefused(short),
  debited(100, 50),
])
const wallet = (moment: string, events = annsWallet) => asOf(projections.wallets, reading(events), moment)

describe('a document as of a moment', () => {
  it('is not there before its first event', async () => expect(await wallet(at(-1))).toBeUndefined())

  it.each([
    [0, 0, 0, 100],
    [1, 150, 1, 200],
    [2, 150, 1, 200],
    [3, 50, 3, 400],
    [99, 50, 3, 400],
  ])(
    '%i seconds after noon holds what had happened by then, that instant included',
    async (seconds, ...was) => {
      const [amount, revision, position] = was
      expect(await wallet(at(seconds))).toEqual({
        _id: ann,
        balance: eur(amount),
        openedAt: at(0),
        openedPosition: 100,
        revision,
        position,
      })
    },
  )

  it('is what the same events make of it when they are projected', async () => {
    const order = recorded(`order-${orderId(1)}`, [placed(), paid()])
    const [first, second] = order
    if (!first || !second) throw new Error('two events')
    const waiting = projections.orders.apply(undefined, first)
    const views = [waiting, projections.orders.apply(waiting, second)]
    for (const [index, view] of views.entries())
      expect(await asOf(projections.orders, reading(order), at(index))).toEqual({
        ...view,
        position: 100 * (index + 1),
      })
  })

  it('is a beginning of its stream also where clocks disagreed', async () => {
    const [first, second, third] = annsWallet
    if (!first || !second || !third) throw new Error('three events')
    const late = { ...second, metadata: { ...second.metadata, at: at(60) } }
    const events = [first, late, { ...third, ...debited(100, 50) }]
    expect(await wallet(at(30), events)).toMatchObject({ balance: eur(0), revision: 0 })
    expect(await wallet(at(60), events)).toMatchObject({ balance: eur(50), revision: 2 })
  })
})
