import { MongoClient } from 'mongodb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ann, eur, minutesAfterNoon, noon } from '../domain/controls.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { topUpId } from '../payments/controls.ts'
import {
  asked,
  begun,
  cancelled,
  declined,
  depositedTopUp,
  refundedAtProcessor,
  refused,
  requested,
  returned,
  returnFailed,
  succeeded,
  takenOut,
  uncovered,
} from '../payments/topUp/controls.ts'
import type { TopUpEvent } from '../payments/topUp/events.ts'
import type { TopUpStatus, TopUpView } from './documents.ts'
import { dueTopUps } from './dueTopUps.ts'
import { at, projecting, recorded } from './scenario.ts'
import { topUps } from './topUps.ts'

const { given } = projecting(topUps)
const { requestedAt, payBy } = asked()
const full = { failure: { reason: 'AMOUNT_OUT_OF_RANGE' } } as const

/** Shows a top-up after these events: its statuses, each with the number of its event. */
const shows = (
  events: readonly TopUpEvent[],
  statuses: readonly (readonly [TopUpStatus, number])[],
  details: Partial<TopUpView> = {},
) =>
  given(...recorded(`topup-${topUpId(1)}`, events)).then({
    _id: topUpId(1),
    ownerId: ann,
    amount: eur(100),
    requestedAt,
    payBy,
    status: statuses.at(-1)?.[0] ?? 'PENDING',
    history: statuses.map(([status, n]) => ({ status, at: at(n) })),
    ...details,
  })

describe('a top-up', () => {
  const pending = ['PENDING', 0] as const
  const paid = [requested(), begun(), succeeded()]

  it('is due when nobody has paid it in time', () => {
    shows([requested(), begun()], [pending], { dueAt: payBy })
    shows([requested(), begun(), declined()], [pending], { dueAt: payBy, declineCode: 'insufficient_funds' })
  })
  it('is not due any more once it is over', () => {
    shows([requested(), refused('CURRENCY')], [pending, ['REFUSED', 1]])
    shows([requested(), begun(), cancelled('DEADLINE')], [pending, ['CANCELLED', 2]])
    shows(paid, [pending, ['PAID', 2]])
  })
  it('shows where the money is', () => {
    const before = [pending, ['PAID', 2]] as const
    shows([...paid, depositedTopUp()], [...before, ['DEPOSITED', 3]])
    shows([...paid, returned()], [...before, ['RETURNED', 3]], full)
    shows([...paid, returned(), returnFailed('x')], [...before, ['RETURNED', 3], ['RETURN_FAILED', 4]], full)
  })
  it('shows what was given back at the processor, and what of that the wallet could not give up', () => {
    const inWallet = [...paid, depositedTopUp(), refundedAtProcessor(1, 30), takenOut(1, 30)]
    const statuses = [pending, ['PAID', 2], ['DEPOSITED', 3]] as const
    shows(inWallet, statuses, { refunded: eur(30) })
    shows([...inWallet, refundedAtProcessor(2, 70), uncovered(2, 70, 20)], statuses, {
      refunded: eur(100),
      uncovered: eur(70),
    })
  })
})

it('the top-ups that are due are found in the order of their times', async () => {
  const node = await MongoDBNode.start()
  const mongo = await new MongoClient(node.connectionString).connect()
  onTestFinished(async () => {
    await mongo.close()
    await node.stop()
  })
  const db = mongo.db('due')
  const documents = [3, 1, 2].map((n) => ({ _id: topUpId(n), dueAt: minutesAfterNoon(n).toISOString() }))
  await db.collection<{ _id: string }>(topUps.name).insertMany([...documents, { _id: topUpId(4) }])
  expect(await dueTopUps(db, noon, 10)).toEqual([])
  expect(await dueTopUps(db, minutesAfterNoon(2), 10)).toEqual([topUpId(1), topUpId(2)])
  expect(await dueTopUps(db, minutesAfterNoon(9), 1)).toEqual([topUpId(1)])
})
