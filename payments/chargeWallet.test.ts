import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { ann, eur, minutesAfterNoon, noon } from '../domain/controls.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { startEventStore } from '../tests/startEventStore.ts'
import { chargeWallet } from './chargeWallet.ts'
import { debited, debitRefused, deposited, opened, toPay } from './controls.ts'
import { REMEMBERED_ORDERS } from './decidedOrders.ts'
import type { WalletEvent } from './events.ts'
import { wallet } from './wallet.ts'

const { client } = await startEventStore()
const cause = begin('request', 'somebody')
const stream = `wallet-${ann}`

/** Given: a wallet that has debited order 1, refused order 2, never met order 3, and forgotten all that since. */
beforeAll(async () => {
  const many = 4 * REMEMBERED_ORDERS
  let balance = 1_000_000
  const history: WalletEvent[] = [opened(), deposited(balance, balance)]
  history.push(debited(100, (balance -= 100), toPay(1)))
  history.push(debitRefused({ reason: 'INSUFFICIENT_FUNDS', shortBy: eur(1) }, toPay(2)))
  for (let n = 4; n < many; n++) history.push(debited(1, (balance -= 1), toPay(n, 1)))
  for (let from = 0; from < history.length; from += 1_000) {
    const events = history.slice(from, from + 1_000)
    await client.appendToStream(
      stream,
      events.map((event) => wallet.codec.encode(event, randomUUID(), noon, cause)),
    )
  }
})

const charge = () =>
  chargeWallet({
    client,
    wallets: writerOf(wallet, { client, now: () => noon, newId: randomUUID }),
    now: () => minutesAfterNoon(1),
  })

const revision = async () => {
  const newest = client.readStream(stream, { direction: 'backwards', fromRevision: 'end', maxCount: 1 })
  let found: bigint | undefined
  for await (const { event } of newest) found = event?.revision
  return found
}

describe('an order that comes again after its wallet has forgotten it', () => {
  it('is not debited a second time', async () => {
    const before = await revision()
    expect(await charge()(toPay(1), cause)).toBeUndefined()
    expect(await revision()).toBe(before)
  })

  it('stays refused', async () => {
    const before = await revision()
    expect(await charge()(toPay(2), cause)).toEqual({ reason: 'INSUFFICIENT_FUNDS', shortBy: eur(1) })
    expect(await revision()).toBe(before)
  })
})

describe('an order as old as those, that the wallet has never met', () => {
  it('is debited, once', async () => {
    const before = (await revision()) ?? 0n
    const late = charge()
    expect(await late(toPay(3), cause)).toBeUndefined()
    expect(await late(toPay(3), cause)).toBeUndefined()
    expect(await charge()(toPay(3), cause)).toBeUndefined()
    expect(await revision()).toBe(before + 1n)
  })
})
