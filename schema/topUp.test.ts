import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TopUpId } from '../domain/ids.ts'
import type { UserId } from '../domain/ids.ts'
import { MAX_MINOR_UNITS } from '../domain/money.ts'
import { begin } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { writerOf } from '../eventstore/transact.ts'
import { cardProcessor } from '../payments/card/processor.ts'
import { TOP_UP_TIMEOUT, topUpCommands } from '../payments/topUp/commands.ts'
import { expireTopUp } from '../payments/topUp/expire.ts'
import { cancel } from '../payments/topUp/paying.ts'
import { topUp } from '../payments/topUp/topUp.ts'
import { wallet } from '../payments/wallet.ts'
import { person } from './apiUnderTest.ts'
import { startCardApi, WAIT } from '../tests/startCards.ts'
import type { CardApi } from '../tests/startCards.ts'

let shop: CardApi
beforeAll(async () => {
  shop = await startCardApi()
})
afterAll(() => shop.stop())

const asAdmin = { 'x-user-role': 'ADMIN' }

const Answer = z.object({
  answer: z.looseObject({
    __typename: z.string(),
    topUpId: z.string().optional(),
    clientSecret: z.string().optional(),
    consistencyToken: z.string().optional(),
  }),
})
const answerTo = async (user: UserId, query: string, input: object) => {
  const { data, errors } = await shop.api.ask(user, query, { input })
  if (errors) throw new Error(JSON.stringify(errors))
  return Answer.parse(data).answer
}

const openWallet = (user: UserId, currency = 'EUR') =>
  answerTo(user, 'mutation ($input: OpenWalletInput!) { answer: openWallet(input: $input) { __typename } }', {
    currency,
    idempotencyKey: 'open',
  })
const deposit = (user: UserId, amount: number) =>
  answerTo(user, 'mutation ($input: DepositInput!) { answer: deposit(input: $input) { __typename } }', {
    money: { amount, currency: 'EUR' },
    idempotencyKey: 'fill',
  })
const topUpWallet = (user: UserId, amount: number, idempotencyKey: string = randomUUID(), currency = 'EUR') =>
  answerTo(
    user,
    `mutation ($input: TopUpWalletInput!) { answer: topUpWallet(input: $input) {
      __typename ... on TopUpPayment { topUpId amount { amount } clientSecret consistencyToken }
      ... on Refusal { message } } }`,
    { amount: { amount, currency }, idempotencyKey },
  )

/** Somebody with a wallet. */
const withWallet = async (currency = 'EUR') => {
  const user = person()
  await openWallet(user, currency)
  return user
}
/** A top-up that waits for a card, and the intent that pays it. */
const begun = async (user: UserId, amount: number) => {
  const { topUpId = '', clientSecret = '', consistencyToken = '' } = await topUpWallet(user, amount)
  expect(clientSecret).toMatch(/^pi_\w+_secret_\w+$/)
  return { id: topUpId, intent: clientSecret.replace(/_secret_.*/, ''), consistencyToken }
}

const read = async (user: UserId, id: string, headers: Readonly<Record<string, string>> = {}) => {
  const query = `query ($id: ID!) {
    topUp(id: $id) { status amount { amount } declineCode problem refunded { amount } uncovered { amount }
      history { status } }
    wallet { balance { amount } }
    walletEntries { edges { node { kind amount { amount } balance { amount } topUpId orderId } } } }`
  return (await shop.api.ask(user, query, { id }, headers)).data
}
const Shown = z.object({ topUp: z.object({ status: z.string() }) })
const statusOf = async (user: UserId, id: string) => Shown.parse(await read(user, id)).topUp.status
/** Waits until the read models show it so. */
const becomes = (user: UserId, id: string, topUp: object, balance: number) =>
  expect.poll(() => read(user, id), WAIT).toMatchObject({ topUp, wallet: { balance: { amount: balance } } })

const storyOf = async (id: string) =>
  (await Array.fromAsync(readForwards(shop.api.client, streamOf(topUp, id), 0))).map(({ type }) => type)
const depositsOf = async (user: UserId) =>
  (await Array.fromAsync(readForwards(shop.api.client, streamOf(wallet, user), 0))).filter(
    ({ type }) => type === 'FundsDeposited',
  )

describe('a wallet that is topped up by card', () => {
  it('has the money when the card has paid', async () => {
    const ann = await withWallet()
    const { id, intent, consistencyToken } = await begun(ann, 2_500)
    expect(await read(ann, id, { 'x-consistency-token': consistencyToken })).toMatchObject({
      topUp: { status: 'PENDING', amount: { amount: 2_500 }, problem: null },
    })
    await shop.confirm(intent)
    await becomes(ann, id, { status: 'DEPOSITED' }, 2_500)
    expect(await read(ann, id)).toMatchObject({
      topUp: { history: [{ status: 'PENDING' }, { status: 'PAID' }, { status: 'DEPOSITED' }] },
      walletEntries: {
        edges: [{ node: { kind: 'DEPOSIT', amount: { amount: 2_500 }, topUpId: id, orderId: null } }],
      },
    })
  })

  it('answers a repeated request with the same payment, before and after it is paid', async () => {
    const ann = await withWallet()
    const first = await topUpWallet(ann, 700, 'again')
    const again = { topUpId: first.topUpId, clientSecret: first.clientSecret }
    expect(await topUpWallet(ann, 700, 'again')).toMatchObject(again)
    await shop.confirm((first.clientSecret ?? '').replace(/_secret_.*/, ''))
    await becomes(ann, first.topUpId ?? '', { status: 'DEPOSITED' }, 700)
    expect(await topUpWallet(ann, 700, 'again')).toMatchObject(again)
    expect(await topUpWallet(ann, 701, 'again')).toMatchObject({ __typename: 'IdempotencyConflict' })
  })

  it('may be paid with another card when one was declined', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 800)
    await shop.declinedWith(intent, 'pm_card_visa_chargeDeclinedInsufficientFunds')
    await becomes(ann, id, { status: 'PENDING', declineCode: 'insufficient_funds' }, 0)
    await shop.confirm(intent)
    await becomes(ann, id, { status: 'DEPOSITED' }, 800)
    expect(await storyOf(id)).toEqual([
      'TopUpRequested',
      'TopUpIntentCreated',
      'TopUpDeclined',
      'TopUpSucceeded',
      'TopUpDeposited',
    ])
  })

  it('has it once, however often and in whichever order it is told', async () => {
    await shop.processor.control.misbehave({ duplicate: 1, reorder: 300, delay: { share: 0.5, upTo: 300 } })
    const ann = await withWallet()
    const many = await Promise.all(Array.from({ length: 8 }, (_, n) => begun(ann, 100 + n)))
    await Promise.all(many.map(({ intent }) => shop.confirm(intent)))
    for (const { id } of many) await expect.poll(() => statusOf(ann, id), WAIT).toBe('DEPOSITED')
    await shop.processor.control.misbehave({})
    await shop.allTold()
    expect(await depositsOf(ann)).toHaveLength(8)
    await becomes(ann, many[0]?.id ?? '', {}, 8 * 100 + 28)
  })
})

describe('money that the wallet can’t take', () => {
  it('goes back to the card', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 900)
    await deposit(ann, MAX_MINOR_UNITS)
    await shop.confirm(intent)
    const problem = 'The wallet would hold more than a wallet may.'
    await becomes(ann, id, { status: 'RETURNED', problem }, MAX_MINOR_UNITS)
    await shop.allTold()
    const { data: refunds } = await shop.stripe.refunds.list({ payment_intent: intent })
    expect(refunds).toMatchObject([{ amount: 900, status: 'succeeded' }])
    expect(await storyOf(id)).toEqual([
      'TopUpRequested',
      'TopUpIntentCreated',
      'TopUpSucceeded',
      'TopUpReturned',
    ])
  })

  it('or does not arrive there, and the shop sees that', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 900)
    await deposit(ann, MAX_MINOR_UNITS)
    await shop.confirm(intent, 'pm_card_pendingRefund')
    await becomes(ann, id, { status: 'RETURNED' }, MAX_MINOR_UNITS)
    const { data: refunds } = await shop.stripe.refunds.list({ payment_intent: intent })
    await shop.processor.control.settle(refunds[0]?.id ?? '', 'failed')
    await becomes(ann, id, { status: 'RETURN_FAILED' }, MAX_MINOR_UNITS)
  })
})

describe('what the shop gives back at the processor', () => {
  it('leaves the wallet, too', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 1_000)
    await shop.confirm(intent)
    await becomes(ann, id, { status: 'DEPOSITED' }, 1_000)
    await shop.stripe.refunds.create({ payment_intent: intent, amount: 300 })
    await becomes(ann, id, { refunded: { amount: 300 }, uncovered: null }, 700)
    expect(await read(ann, id)).toMatchObject({
      walletEntries: {
        edges: [
          { node: { kind: 'DEBIT', amount: { amount: 300 }, balance: { amount: 700 }, topUpId: id } },
          { node: { kind: 'DEPOSIT' } },
        ],
      },
    })
  })

  it('is missing where it is spent already', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 1_000)
    await shop.confirm(intent)
    await becomes(ann, id, { status: 'DEPOSITED' }, 1_000)
    await shop.api.place(ann)
    await becomes(ann, id, {}, 300)
    await shop.stripe.refunds.create({ payment_intent: intent })
    await becomes(ann, id, { refunded: { amount: 1_000 }, uncovered: { amount: 1_000 } }, 300)
  })
})

describe('a top-up that nobody pays', () => {
  /** As the services have them, but for the time. */
  const partsAt = (now: () => Date) => {
    const writing = { client: shop.api.client, now, newId: randomUUID }
    const { settings } = shop
    const processor = cardProcessor({ settings, observer: { called: () => undefined }, clock: () => 0 })
    return { topUps: writerOf(topUp, writing), wallets: writerOf(wallet, writing), processor, now }
  }
  const request = (ownerId: UserId) => ({
    ownerId,
    amount: { amount: 600, currency: 'EUR' },
    idempotencyKey: 'yesterday',
  })
  const cause = begin('request', 'somebody')

  it('is let go of after a day, also at the processor', async () => {
    const ann = await withWallet()
    const twoSecondsBeforeItsEnd = () => new Date(Date.now() - TOP_UP_TIMEOUT + 2_000)
    const answer = await topUpCommands(partsAt(twoSecondsBeforeItsEnd)).topUp(request(ann), cause)
    if (answer.refused) throw new Error(answer.refused.code)
    const { topUpId: id, clientSecret } = answer
    await becomes(ann, id, { status: 'CANCELLED' }, 0)
    const { status } = await shop.stripe.paymentIntents.retrieve(clientSecret.replace(/_secret_.*/, ''))
    expect(status).toBe('canceled')
    expect(await topUpWallet(ann, 600, 'yesterday')).toMatchObject({ __typename: 'TopUpCancelled' })
    await shop.allTold()
    expect(await storyOf(id)).toEqual(['TopUpRequested', 'TopUpIntentCreated', 'TopUpCancelled'])
  })

  it('is let go of at the processor also if its payment was only being made then', async () => {
    const ann = await withWallet()
    const { topUps, processor, ...parts } = partsAt(() => new Date())
    const made: string[] = []
    const { topUp: ask } = topUpCommands({
      ...parts,
      topUps,
      processor: {
        ...processor,
        createIntent: async (asked) => {
          const intent = await processor.createIntent(asked)
          made.push(intent.id)
          await topUps.transact(asked.idempotencyKey, cancel('DEADLINE'), { cause })
          return intent
        },
      },
    })
    expect(await ask(request(ann), cause)).toMatchObject({ refused: { code: 'TOP_UP_CANCELLED' } })
    expect((await shop.stripe.paymentIntents.retrieve(made[0] ?? '')).status).toBe('canceled')
  })

  it('is let go of also if the processor has never heard of it, as when we have another account now', async () => {
    const ann = await withWallet()
    const { id } = await begun(ann, 600)
    const tomorrow = partsAt(() => new Date(Date.now() + TOP_UP_TIMEOUT))
    const { processor } = tomorrow
    const elsewhere = { ...processor, cancelIntent: () => processor.cancelIntent('pi_elsewhere') }
    await expireTopUp({ ...tomorrow, processor: elsewhere })(TopUpId.parse(id), cause)
    await becomes(ann, id, { status: 'CANCELLED' }, 0)
  })

  it('is none if it was paid, and nobody has told us', async () => {
    await shop.processor.control.misbehave({ withhold: 1 })
    const ann = await withWallet()
    const { intent, id } = await begun(ann, 600)
    await shop.confirm(intent)
    const tomorrow = new Date(Date.now() + TOP_UP_TIMEOUT)
    await expireTopUp(partsAt(() => tomorrow))(TopUpId.parse(id), cause)
    await becomes(ann, id, { status: 'DEPOSITED' }, 600)
    await shop.processor.control.misbehave({})
    await shop.processor.control.release()
    await shop.allTold()
    expect(await depositsOf(ann)).toHaveLength(1)
  })

  it('is over when somebody cancels it at the processor', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 600)
    await shop.stripe.paymentIntents.cancel(intent)
    await becomes(ann, id, { status: 'CANCELLED' }, 0)
  })
})

describe('a crash or a lost answer', () => {
  it('after the processor’s answer is made good by the same request', async () => {
    const ann = await withWallet()
    const path = '/v1/payment_intents'
    await shop.processor.control.disturb({ rules: [{ do: 'lose', path, method: 'POST', times: 1 }] })
    const { id, intent } = await begun(ann, 650)
    const ours = (await shop.stripe.paymentIntents.list({ limit: 100 })).data.filter(
      ({ metadata }) => metadata['top_up_id'] === id,
    )
    expect(ours.map((each) => each.id)).toEqual([intent])
  })

  it('while it is given back gives it back once', async () => {
    const ann = await withWallet()
    const { id, intent } = await begun(ann, 900)
    await deposit(ann, MAX_MINOR_UNITS)
    await shop.processor.control.disturb({
      rules: [{ do: 'lose', path: '/v1/refunds', method: 'POST', times: 1 }],
    })
    await shop.confirm(intent)
    await becomes(ann, id, { status: 'RETURNED' }, MAX_MINOR_UNITS)
    expect((await shop.stripe.refunds.list({ payment_intent: intent })).data).toHaveLength(1)
  })
})

describe('what can’t be paid in by card', () => {
  const kind = async (user: UserId, amount: number, currency = 'EUR') =>
    (await topUpWallet(user, amount, randomUUID(), currency)).__typename

  it('is refused with the reason', async () => {
    const ann = await withWallet()
    expect(await kind(person(), 500)).toBe('NoWallet')
    expect(await kind(ann, 500, 'USD')).toBe('WrongCurrency')
    expect(await kind(ann, 0)).toBe('AmountOutOfRange')
    expect(await kind(ann, MAX_MINOR_UNITS + 1)).toBe('AmountOutOfRange')
    expect(await kind(ann, 1)).toBe('NotChargeable')
    expect(await kind(ann, MAX_MINOR_UNITS)).toBe('NotChargeable')
    expect(await kind(await withWallet('ISK'), 500, 'ISK')).toBe('NotChargeable')
    await deposit(ann, MAX_MINOR_UNITS)
    expect(await kind(ann, 500)).toBe('AmountOutOfRange')
  })

  it('is refused again when the request is repeated', async () => {
    const ann = await withWallet()
    for (let n = 0; n < 2; n++)
      expect(await topUpWallet(ann, 1, 'cent')).toMatchObject({ __typename: 'NotChargeable' })
  })
})

it('a top-up is seen by its owner and by admins only', async () => {
  const ann = await withWallet()
  const { id, consistencyToken } = await begun(ann, 500)
  const token = { 'x-consistency-token': consistencyToken }
  expect(await read(ann, id, token)).toMatchObject({ topUp: { status: 'PENDING' } })
  expect(await read(person(), id, token)).toMatchObject({ topUp: null })
  expect(await read(person(), randomUUID(), token)).toMatchObject({ topUp: null })
  expect(await read(person(), id, { ...token, ...asAdmin })).toMatchObject({ topUp: { status: 'PENDING' } })
})
