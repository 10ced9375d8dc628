import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Stripe } from 'stripe'
import { afterAll, describe, expect, it } from 'vitest'
import { eur } from '../domain/controls.ts'
import { UserId } from '../domain/ids.ts'
import { MAX_MINOR_UNITS } from '../domain/money.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { startStripe } from '../embedded/stripe/node.ts'
import { begin } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { writerOf } from '../eventstore/transact.ts'
import { cardProcessor } from '../payments/card/processor.ts'
import { walletCommands } from '../payments/commands.ts'
import { topUpCommands } from '../payments/topUp/commands.ts'
import { topUp } from '../payments/topUp/topUp.ts'
import { wallet } from '../payments/wallet.ts'
import { anyPorts, choosePorts } from '../start/ports.ts'
import { topUpsAreInTheWalletOrBack, wholeLog } from './promises.ts'
import { startEventStore } from './startEventStore.ts'

const { node, client } = await startEventStore()
const documents = await MongoDBNode.start()
const { payments: port } = await choosePorts(anyPorts, '127.0.0.1', () => {})
const stripe = await startStripe({ webhook: `http://127.0.0.1:${port}/payments/webhook` })
afterAll(async () => {
  await stripe.close()
  await documents.stop()
})

const settings = {
  STRIPE_SECRET_KEY: stripe.key,
  STRIPE_API_ROOT: stripe.url,
  STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
}
const browser = new Stripe(stripe.key, { host: '127.0.0.1', port: stripe.port, protocol: 'http' })
const WAIT = { timeout: 30_000 }

const cause = begin('request', 'somebody')
const writing = { client, now: () => new Date(), newId: randomUUID }
const wallets = () => writerOf(wallet, writing)
const processor = cardProcessor({ settings, observer: { called: () => undefined }, clock: () => 0 })
const { topUp: topUpWallet } = topUpCommands({
  topUps: writerOf(topUp, writing),
  wallets: wallets(),
  processor,
  now: writing.now,
})

/** Starts the payments service; it dies right after its first event of the given type is on disk. */
const payments = (dieAfter?: string): ChildProcess =>
  spawn(process.execPath, ['--import', './tests/dieAfterAppending.ts', 'payments/main.ts'], {
    env: {
      ...process.env,
      ...settings,
      EVENTSTORE_URL: node.connectionString,
      MONGODB_URL: documents.connectionString,
      PAYMENTS_PORT: String(port),
      LOG_LEVEL: 'error',
      DIE_AFTER_APPENDING: dieAfter ?? '',
    },
    stdio: 'inherit',
  })

const storyOf = async (ownerId: UserId, topUpId: string) => ({
  topUp: (await Array.fromAsync(readForwards(client, streamOf(topUp, topUpId), 0))).map(({ type }) => type),
  wallet: (await Array.fromAsync(readForwards(client, streamOf(wallet, ownerId), 0))).map(({ type }) => type),
})

/** Somebody begins to pay 25.00 EUR into a wallet that holds so much, and pays; payments die at that event. */
const paidWhileDying = async (fatal: string, holds: number) => {
  const ownerId = UserId.parse(randomUUID())
  const { openWallet, deposit } = walletCommands(wallets())
  await openWallet({ ownerId, currency: 'EUR', idempotencyKey: 'open' }, cause)
  const answer = await topUpWallet({ ownerId, amount: eur(2_500), idempotencyKey: 'top up' }, cause)
  if (answer.refused) throw new Error(answer.refused.code)
  if (holds > 0) await deposit({ ownerId, money: eur(holds), idempotencyKey: 'fill' }, cause)
  const { topUpId, clientSecret } = answer
  const intent = clientSecret.replace(/_secret_.*/, '')
  const killed = payments(fatal)
  const dead = once(killed, 'exit')
  await browser.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa' })
  await dead
  expect(killed.signalCode).toBe('SIGKILL')
  return { ownerId, topUpId, intent }
}

const restarted = async (check: () => Promise<unknown>) => {
  const again = payments()
  await check()
  again.kill('SIGTERM')
  await once(again, 'exit')
}

describe('a top-up that was paid', () => {
  it.each(['TopUpSucceeded', 'FundsDeposited', 'TopUpDeposited'])(
    'is in the wallet once, when payments are killed after %s and started again',
    { timeout: 60_000 },
    async (fatal) => {
      const { ownerId, topUpId } = await paidWhileDying(fatal, 0)
      await restarted(() =>
        expect
          .poll(() => storyOf(ownerId, topUpId), WAIT)
          .toEqual({
            topUp: ['TopUpRequested', 'TopUpIntentCreated', 'TopUpSucceeded', 'TopUpDeposited'],
            wallet: ['WalletOpened', 'FundsDeposited'],
          }),
      )
    },
  )

  it.each(['DepositRefused', 'TopUpReturned'])(
    'is back on the card once, when payments are killed after %s and started again',
    { timeout: 60_000 },
    async (fatal) => {
      const { ownerId, topUpId, intent } = await paidWhileDying(fatal, MAX_MINOR_UNITS)
      await restarted(() =>
        expect
          .poll(() => storyOf(ownerId, topUpId), WAIT)
          .toEqual({
            topUp: ['TopUpRequested', 'TopUpIntentCreated', 'TopUpSucceeded', 'TopUpReturned'],
            wallet: ['WalletOpened', 'FundsDeposited', 'DepositRefused'],
          }),
      )
      const { data: refunds } = await browser.refunds.list({ payment_intent: intent })
      expect(refunds.map(({ amount }) => amount)).toEqual([2_500])
    },
  )
})

it('and then all that cards paid is in the wallets or back', async () => {
  const log = await wholeLog(client)
  expect(log.filter(({ type }) => type === 'TopUpSucceeded')).toHaveLength(5)
  topUpsAreInTheWalletOrBack(log)
})
