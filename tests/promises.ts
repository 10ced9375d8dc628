import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { codecOf } from '../eventstore/codec.ts'
import { orderEvents } from '../orders/events.ts'
import { paymentEvents, walletEvents } from '../payments/events.ts'
import type { PaymentMethod } from '../domain/payment.ts'
import { topUpEvents } from '../payments/topUp/events.ts'
import { projections } from '../projections/all.ts'
import type { MoneyTotals } from '../projections/documents.ts'
import { readModels } from '../projections/readModels.ts'
import { projectUpTo } from '../projections/upTo.ts'

const catalogue = { ...orderEvents, ...walletEvents, ...paymentEvents, ...topUpEvents }
const codec = codecOf(catalogue)

/** Every event of the product in the order of the log. */
export const wholeLog = async (client: EventStoreDBClient) => {
  const events: ReturnType<typeof codec.decode>[] = []
  for await (const resolved of client.readAll())
    if (resolved.event && resolved.event.type in catalogue) events.push(codec.decode(resolved))
  return events
}
type Log = Awaited<ReturnType<typeof wholeLog>>

/** Checks the promises that can be seen in the log and in the read models; each order must have ended. */
export const checkPromises = async (client: EventStoreDBClient, db: Db): Promise<void> => {
  const log = await wholeLog(client)
  moneyIsNeitherMadeNorLost(log)
  topUpsAreInTheWalletOrBack(log)
  ordersAreChargedAtMostOnce(log)
  paidMeansPaymentSucceeded(log)
  everyOrderEnds(log)
  await readModelsAreTheFoldOfTheLog(client, db, log)
  await statsAddUp(db, log)
}

/** Promises 1 and 3: every balance follows from the one before it and is never negative. */
const moneyIsNeitherMadeNorLost = (log: Log) => {
  const balances = new Map<string, number>()
  let [deposited, debited, refunded, reversed] = [0, 0, 0, 0]
  for (const { type, data, stream } of log) {
    const before = balances.get(stream) ?? 0
    if (type === 'FundsDeposited') {
      deposited += data.amount
      expect(data.balance).toBe(before + data.amount)
      balances.set(stream, data.balance)
    }
    if (type === 'FundsRefunded') {
      refunded += data.amount
      expect(data.balance).toBe(before + data.amount)
      balances.set(stream, data.balance)
    }
    if (type === 'FundsDebited') {
      debited += data.amount
      expect(data.balance).toBe(before - data.amount)
      expect(data.balance).toBeGreaterThanOrEqual(0)
      balances.set(stream, data.balance)
    }
    if (type === 'DepositReversed') {
      reversed += data.amount
      expect(data.balance).toBe(before - data.amount)
      expect(data.balance).toBeGreaterThanOrEqual(0)
      balances.set(stream, data.balance)
    }
  }
  const held = [...balances.values()].reduce((sum, balance) => sum + balance, 0)
  expect(held).toBe(deposited - debited - reversed + refunded)
}

/** Promise 1: what cards paid for a wallet is in it, once, or on its way back; and nothing else came by card. */
export const topUpsAreInTheWalletOrBack = (log: Log) => {
  const came = log.flatMap(({ type, data }) =>
    type === 'TopUpSucceeded' ? [`${data.topUpId} ${data.ownerId} ${data.amount.amount}`] : [],
  )
  const deposited = log.flatMap(({ type, data }) =>
    type === 'FundsDeposited' && data.topUp ? [`${data.topUp.topUpId} ${data.ownerId} ${data.amount}`] : [],
  )
  const returned = log.flatMap(({ type, data }) =>
    type === 'TopUpReturned' ? [`${data.topUpId} ${data.ownerId} ${data.amount.amount}`] : [],
  )
  expect([...deposited, ...returned].toSorted()).toEqual(came.toSorted())
}

/** Promises 1 and 2: one debit or one card for each captured payment, and one verdict for each order. */
const ordersAreChargedAtMostOnce = (log: Log) => {
  const debits = log.flatMap(({ type, data }) => (type === 'FundsDebited' ? [data.orderId] : []))
  const captured = log.flatMap(({ type, data }) => (type === 'PaymentSucceeded' ? [data] : []))
  const from = (wanted: PaymentMethod) =>
    captured.flatMap(({ method, orderId }) => (method === wanted ? [orderId] : []))
  expect(new Set(debits).size).toBe(debits.length)
  expect(from('WALLET').toSorted()).toEqual(debits.toSorted())
  expect(new Set(captured.map(({ orderId }) => orderId)).size).toBe(captured.length)
  expect(new Set(captured.flatMap(({ intentId }) => intentId ?? [])).size).toBe(from('CARD').length)
}

/** Promise 4: what was paid for an order that could not take it any more is all given back. */
const paidMeansPaymentSucceeded = (log: Log) => {
  const captured = log.flatMap(({ type, data }) => (type === 'PaymentSucceeded' ? [data.orderId] : []))
  const taken = log.flatMap(({ type, data }) =>
    type === 'OrderPaid' || type === 'OrderPaymentDeclined' ? [data.orderId] : [],
  )
  expect(taken.toSorted()).toEqual(captured.toSorted())
  const declined = log.flatMap(({ type, data }) => (type === 'OrderPaymentDeclined' ? [data.orderId] : []))
  const back = log.flatMap(({ type, data }) =>
    type === 'PaymentRefunded' && data.cause === 'DECLINED' && data.isFull ? [data.orderId] : [],
  )
  expect(back.toSorted()).toEqual(declined.toSorted())
}

/** Promise 5: every accepted order has ended, once. */
const everyOrderEnds = (log: Log) => {
  const placed = log.flatMap(({ type, data }) => (type === 'OrderPlaced' ? [data.orderId] : []))
  const ended = log.flatMap(({ type, data }) =>
    type === 'OrderPaid' || type === 'OrderFailed' || type === 'OrderCancelled' ? [data.orderId] : [],
  )
  expect(ended.toSorted()).toEqual(placed.toSorted())
}

/** Promise 7: folded again beside the serving ones, every document is equal. */
const readModelsAreTheFoldOfTheLog = async (client: EventStoreDBClient, db: Db, log: Log) => {
  const again = db.client.db(`${db.databaseName}-again`)
  await again.dropDatabase()
  const end = log.at(-1)?.position ?? 0n
  const stopped = await projectUpTo({
    client,
    db: again,
    position: end,
    now: () => new Date(),
    newId: randomUUID,
  })
  expect(stopped).toEqual([])
  for (const { name } of Object.values(projections)) {
    const expected = await again.collection(name).find().sort({ _id: 1 }).toArray()
    await expect
      .poll(() => db.collection(name).find().sort({ _id: 1 }).toArray(), { timeout: 15_000 })
      .toEqual(expected)
  }
  await again.dropDatabase()
}

/** The sums over everybody are those of the log. */
const statsAddUp = async (db: Db, log: Log) => {
  const count = (wanted: Log[number]['type']) => log.filter(({ type }) => type === wanted).length
  const sum = (wanted: 'FundsDeposited' | 'FundsDebited' | 'FundsRefunded' | 'DepositReversed') =>
    log.reduce((sum, { type, data }) => (type === wanted ? sum + BigInt(data.amount) : sum), 0n)
  const stats = await readModels({ db }).stats()
  const refunded = log.filter(({ type, data }) => type === 'OrderRefunded' && data.isFull).length
  const { orders } = stats ?? {}
  expect([orders?.NEW ?? 0, orders?.AWAITING_PAYMENT ?? 0]).toEqual([0, 0])
  expect(orders?.PAID ?? 0).toBe(count('OrderPaid') - refunded)
  expect(orders?.FAILED ?? 0).toBe(count('OrderFailed'))
  expect(orders?.CANCELLED ?? 0).toBe(count('OrderCancelled'))
  expect(orders?.REFUNDED ?? 0).toBe(refunded)
  const money = Object.values(stats?.money ?? {})
  const cards = log.reduce(
    (sum, { type, data }) =>
      type === 'PaymentSucceeded' && data.method === 'CARD' ? sum + BigInt(data.price.amount) : sum,
    0n,
  )
  const back = log.reduce(
    (sum, { type, data }) =>
      type === 'PaymentRefunded' && data.method === 'CARD' ? sum + BigInt(data.amount.amount) : sum,
    0n,
  )
  const all = (column: keyof MoneyTotals) => money.reduce((sum, of) => sum + BigInt(of[column] ?? '0'), 0n)
  expect(all('refunded')).toBe(sum('FundsRefunded'))
  expect(all('deposited')).toBe(sum('FundsDeposited'))
  expect(all('debited')).toBe(sum('FundsDebited') + sum('DepositReversed'))
  expect(all('paid')).toBe(sum('FundsDebited') + cards)
  expect(all('paidByCard')).toBe(cards)
  expect(all('refundedToCard')).toBe(back)
}
