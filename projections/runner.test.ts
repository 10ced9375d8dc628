import type { Db } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { eur, noon } from '../domain/controls.ts'
import { giveUp, pay } from '../orders/lifecycle.ts'
import { toPay } from '../payments/controls.ts'
import { debit } from '../payments/wallet.ts'
import { startNodes } from '../tests/startNodes.ts'
import { projections } from './all.ts'
import { foldable } from './folder.ts'
import type { Foldable } from './folder.ts'
import { readModels } from './readModels.ts'
import { cause, documentsOf, now, person, placing, readSide } from './underTest.ts'
import { projectUpTo } from './upTo.ts'

const side = readSide(startNodes)
const { db, orders, wallets, openAndFill, placeOrder } = side

const project = (position: bigint, onto: Db = db()) =>
  projectUpTo({ client: side.client(), db: onto, position, now, newId: randomUUID })

const everything = async (from: Db) => {
  const documents: Record<string, unknown> = {}
  for (const { name } of Object.values(projections)) documents[name] = await documentsOf(from, name)
  return documents
}

describe('the read models', () => {
  it('show wallets, ledger, orders and payments', async () => {
    const ann = person()
    await openAndFill(ann, 500)
    const placed = placing(ann)
    await placeOrder(placed)
    await wallets().transact(ann, debit({ ...toPay(1), ...placed }, noon), { cause })
    const { position } = await orders().transact(placed.orderId, pay(), { cause })
    await project(position)

    const models = readModels({ db: db() })
    expect(await models.wallet(ann)).toMatchObject({ balance: eur(400), revision: 2 })
    expect(await models.order(placed.orderId)).toMatchObject({ status: 'PAID', revision: 1, customerId: ann })
    expect(await models.payment(placed.orderId)).toMatchObject({ status: 'PENDING' })
    const ledger = await models.ledger(ann, { first: 10, after: undefined })
    expect(ledger.documents.map(({ kind, balance }) => [kind, balance])).toEqual([
      ['DEBIT', 400],
      ['DEPOSIT', 500],
    ])
  })

  it('list newest first, page by page, whatever is added meanwhile', async () => {
    const ann = person()
    const ids: string[] = []
    let position = 0n
    const add = async () => {
      const placed = placing(ann)
      ids.unshift(placed.orderId)
      position = await placeOrder(placed)
    }
    for (let n = 0; n < 5; n++) await add()
    await project(position)
    const models = readModels({ db: db() })
    const first = await models.orders(ann, undefined, { first: 2, after: undefined })
    await add()
    await project(position)
    const second = await models.orders(ann, undefined, { first: 2, after: first.next })
    const third = await models.orders(ann, undefined, { first: 2, after: second.next })
    const listed = [first, second, third].flatMap(({ documents }) => documents.map(({ _id }) => _id))
    expect(listed).toEqual(ids.slice(1))
    expect(third.next).toBeUndefined()
  })

  it('list by status', async () => {
    const ann = person()
    const [waiting, failed] = [placing(ann), placing(ann)]
    await placeOrder(waiting)
    await placeOrder(failed)
    const { position } = await orders().transact(failed.orderId, giveUp({ reason: 'NO_WALLET' }), { cause })
    await project(position)
    const page = await readModels({ db: db() }).orders(ann, 'FAILED', { first: 10, after: undefined })
    expect(page.documents.map(({ _id }) => _id)).toEqual([failed.orderId])
  })

  it('are the same when everything is folded again', async () => {
    const position = await openAndFill(person(), 70)
    await project(position)
    const before = await everything(db())
    await db().collection('checkpoints').deleteMany({})
    await project(position)
    expect(await everything(db())).toEqual(before)

    const rebuilt = side.anotherDb()
    await project(position, rebuilt)
    expect(await everything(rebuilt)).toEqual(before)
  })

  it('miss nothing of what arrives while they write', { timeout: 60_000 }, async () => {
    // One that takes its time, as one does that looks documents up, so that writes end while all are folding.
    const slow: Foldable = {
      ...foldable(projections.payments),
      folderInto: (options) => {
        const folder = foldable(projections.payments).folderInto(options)
        return { ...folder, fold: async (events) => (await delay(3), folder.fold(events)) }
      },
    }
    side.run([foldable(projections.orders), slow])
    const ann = person()
    const placing100 = () => Promise.all(Array.from({ length: 100 }, () => placeOrder(placing(ann))))
    let position = 0n
    for (let round = 0; round < 20; round++)
      for (const at of await placing100()) if (at > position) position = at
    await readModels({ db: db() }).reached(position, 30_000, 'orders', 'payments')
    const mine = { customerId: ann }
    expect(await db().collection('orders').countDocuments(mine)).toBe(2_000)
    expect(await db().collection('payments').countDocuments(mine)).toBe(2_000)
  })

  it('can be waited for', async () => {
    const position = await openAndFill(person(), 10)
    const reached = readModels({ db: db() }).reached(
      position,
      10_000,
      'orders',
      'wallets',
      'ledger',
      'payments',
    )
    await project(position)
    await reached
  })

  it('are not waited for longer than asked', async () => {
    const asked = readModels({ db: db() }).reached(2n ** 60n, 20, 'orders')
    await expect(asked).rejects.toMatchObject({ name: 'Unavailable' })
  })

  // The last one, for it spoils the log.
  it('go on when others meet an event that they cannot fold', async () => {
    await side.appendPoison()
    const ann = person()
    const position = await openAndFill(ann, 90)
    expect((await project(position)).toSorted()).toEqual(['notifications', 'orders', 'stats'])
    const models = readModels({ db: db() })
    await models.reached(position, 5_000, 'wallets')
    expect(await models.wallet(ann)).toMatchObject({ balance: eur(90) })
    await expect(models.reached(position, 20, 'orders')).rejects.toMatchObject({ name: 'Unavailable' })
  })
})
