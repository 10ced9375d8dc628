import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { UserId } from '../domain/ids.ts'
import { startNodes } from '../tests/startNodes.ts'
import { pay } from '../orders/lifecycle.ts'
import { place } from '../orders/order.ts'
import { deposit, open } from '../payments/wallet.ts'
import { readModels } from './readModels.ts'
import { cause, documentsOf, person, placing, readSide } from './underTest.ts'

const side = readSide(startNodes)
const models = () => readModels({ db: side.db() })

const openIn = (ownerId: UserId, currency: string) =>
  side
    .wallets()
    .transact(ownerId, open({ ownerId, currency, idempotencyKey: 'open', fingerprint: 'open' }), { cause })
const put = async (ownerId: UserId, amount: number, currency: string) => {
  const key = { idempotencyKey: randomUUID(), fingerprint: 'put' }
  const decided = await side
    .wallets()
    .transact(ownerId, deposit({ ownerId, money: { amount, currency }, ...key }), { cause })
  return decided.position
}
/** The sums of this log alone: a file of tests has one log for all its databases. */
const money = async () => (await models().stats())?.money ?? {}

describe('the stats', () => {
  it('know the currency of a wallet that was opened before they were started again', async () => {
    const [ann, bob] = [person(), person()]
    await openIn(ann, 'EUR')
    const first = side.run()
    const opened = await openIn(bob, 'CHF')
    await models().reached(opened.position, 10_000, 'stats')
    await first.stop()
    side.run()
    await put(ann, 500, 'EUR')
    await put(bob, 7, 'CHF')
    const last = await put(bob, 8, 'CHF')
    await models().reached(last, 10_000, 'stats')
    expect(await money()).toEqual({
      EUR: { deposited: '500', debited: '0', paid: '0', refunded: '0' },
      CHF: { deposited: '15', debited: '0', paid: '0', refunded: '0' },
    })
  })

  it('are the same when they are folded anew', async () => {
    const placed = placing(person())
    await side.orders().transact(placed.orderId, place(placed), { cause })
    const { position } = await side.orders().transact(placed.orderId, pay(), { cause })
    side.run()
    await models().reached(position, 10_000, 'stats')
    const once = await documentsOf(side.db(), 'stats')
    const other = side.anotherDb()
    const again = readModels({ db: other })
    side.run(undefined, other)
    await again.reached(position, 10_000, 'stats')
    expect(await documentsOf(other, 'stats')).toEqual(once)
    expect(once).toContainEqual(expect.objectContaining({ _id: 'totals', position: Number(position) }))
  })
})
