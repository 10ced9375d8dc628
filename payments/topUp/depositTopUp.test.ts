import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { ann, eur, noon } from '../../domain/controls.ts'
import { begin } from '../../eventstore/metadata.ts'
import { readBackwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import {
  depositRefused,
  opened,
  paidTopUp,
  reversalRefused,
  reversed,
  toppedUp,
  toReverse,
} from '../controls.ts'
import type { WalletEvent } from '../events.ts'
import { wallet } from '../wallet.ts'
import { depositTopUp, reverseTopUp } from './depositTopUp.ts'

const { client } = await startEventStore()
const cause = begin('request', 'somebody')
/** More than twice as many as a wallet remembers. */
const MANY = 2_500

/**
 * Given: a wallet that has taken top-up 1 and refused 2, given up reversal 1 and been short of 2, never met 3 of either,
 * and forgotten all that since.
 */
beforeAll(async () => {
  let balance = 0
  const history: WalletEvent[] = [
    opened(),
    toppedUp(100, (balance += 100), paidTopUp(1)),
    depositRefused({ reason: 'AMOUNT_OUT_OF_RANGE' }, paidTopUp(2)),
    reversed(10, (balance -= 10), toReverse(1, 10)),
    reversalRefused(5, toReverse(2)),
  ]
  for (let n = 4; n < MANY; n++)
    history.push(toppedUp(3, (balance += 3), paidTopUp(n, 3)), reversed(1, (balance -= 1), toReverse(n, 1)))
  for (let from = 0; from < history.length; from += 1_000) {
    const events = history.slice(from, from + 1_000)
    await client.appendToStream(
      `wallet-${ann}`,
      events.map((event) => wallet.codec.encode(event, randomUUID(), noon, cause)),
    )
  }
})

/** As a service that has just started: it knows nothing but the stream. */
const anew = () => {
  const options = { client, wallets: writerOf(wallet, { client, now: () => noon, newId: randomUUID }) }
  return { deposit: depositTopUp(options), reverse: reverseTopUp(options) }
}

const newest = async () => (await Array.fromAsync(readBackwards(client, streamOf(wallet, ann)))).at(0)

describe('a top-up that comes again after its wallet has forgotten it', () => {
  it('is not deposited a second time', async () => {
    const before = await newest()
    expect(await anew().deposit(paidTopUp(1), cause)).toBeUndefined()
    expect(await newest()).toEqual(before)
  })
  it('stays refused', async () => {
    const before = await newest()
    expect(await anew().deposit(paidTopUp(2), cause)).toEqual({ reason: 'AMOUNT_OUT_OF_RANGE' })
    expect(await newest()).toEqual(before)
  })
  it('is deposited, once, if the wallet has never met it', async () => {
    const before = await newest()
    const late = anew().deposit
    expect(await late(paidTopUp(3), cause)).toBeUndefined()
    expect(await late(paidTopUp(3), cause)).toBeUndefined()
    expect(await anew().deposit(paidTopUp(3), cause)).toBeUndefined()
    expect(await newest()).toMatchObject({ type: 'FundsDeposited', revision: (before?.revision ?? 0) + 1 })
  })
})

describe('a reversal that comes again after its wallet has forgotten it', () => {
  it('takes nothing out a second time, and what was missing stays so', async () => {
    const before = await newest()
    expect(await anew().reverse(toReverse(1, 10), cause)).toBeUndefined()
    expect(await anew().reverse(toReverse(2), cause)).toEqual({ shortBy: eur(5) })
    expect(await newest()).toEqual(before)
  })
  it('takes it out, once, if the wallet has never met it', async () => {
    const before = await newest()
    for (let n = 0; n < 2; n++) expect(await anew().reverse(toReverse(3, 7), cause)).toBeUndefined()
    expect(await newest()).toMatchObject({ type: 'DepositReversed', revision: (before?.revision ?? 0) + 1 })
  })
})
