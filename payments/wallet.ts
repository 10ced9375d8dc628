import type { UserId } from '../domain/ids.ts'
import { fits } from '../domain/money.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentFailure, RefundFailure } from '../domain/payment.ts'
import { codecOf } from '../eventstore/codec.ts'
import { impossible, refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import { nothingRemembered } from '../eventstore/remembered.ts'
import { decidingByKey, recordRequest, repeated } from '../eventstore/requests.ts'
import type { IdempotencyConflict, Request, Requests } from '../eventstore/requests.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { decidingOnce } from '../eventstore/verdicts.ts'
import type { Forgotten, Searched } from '../eventstore/verdicts.ts'
import { walletEvents } from './events.ts'
import type { WalletEvent } from './events.ts'
import { decidedOrders } from './decidedOrders.ts'
import type { OrderToPay } from './decidedOrders.ts'
import { decidedRefunds } from './decidedRefunds.ts'
import type { Refund } from './decidedRefunds.ts'
import { decidedReversals, decidedTopUps } from './decidedTopUps.ts'
import type { WalletVerdict } from './verdictMemory.ts'

/** Deposits that a wallet knows again by their key: at least this many, at most twice as many. */
export const REMEMBERED_DEPOSITS = 5_000

/** What the answer to a deposit was, to give it again. */
export interface Deposit {
  readonly amount: number
  readonly balance: number
  /** Revision of its event. */
  readonly revision: number
}

/** What a wallet has decided about, opened or not. */
interface Decided {
  readonly orders: typeof decidedOrders.empty
  readonly refunds: typeof decidedRefunds.empty
  readonly topUps: typeof decidedTopUps.empty
  readonly reversals: typeof decidedReversals.empty
}

interface Unopened extends Decided {
  readonly status: 'UNOPENED'
  /** Revision of the last event; −1 before the first. */
  readonly revision: number
}

interface Open extends Decided {
  readonly status: 'OPEN'
  readonly ownerId: UserId
  readonly currency: string
  readonly balance: number
  readonly revision: number
  readonly opening: Request & { readonly revision: number }
  readonly deposits: Requests<Deposit>
}

export type Wallet = Unopened | Open

const initial: Wallet = {
  status: 'UNOPENED',
  revision: -1,
  orders: decidedOrders.empty,
  refunds: decidedRefunds.empty,
  topUps: decidedTopUps.empty,
  reversals: decidedReversals.empty,
}

const evolve = (before: Wallet, { type, data }: WalletEvent): Wallet => {
  const wallet = { ...before, revision: before.revision + 1 }
  const { revision, orders, refunds, topUps, reversals } = wallet
  switch (type) {
    case 'DebitRefused':
      return { ...wallet, orders: decidedOrders.record(orders, data, data.failure) }
    case 'RefundRefused':
      return { ...wallet, refunds: decidedRefunds.record(refunds, data, data.failure) }
    case 'DepositRefused':
      return { ...wallet, topUps: decidedTopUps.record(topUps, data, data.failure) }
    case 'ReversalRefused':
      return { ...wallet, reversals: decidedReversals.record(reversals, data, { shortBy: data.shortBy }) }
    case 'WalletOpened': {
      const { ownerId, currency, idempotencyKey, fingerprint } = data
      return {
        ...wallet,
        status: 'OPEN',
        ownerId,
        currency,
        balance: 0,
        opening: { idempotencyKey, fingerprint, revision },
        deposits: nothingRemembered(),
      }
    }
    case 'FundsDeposited': {
      const { amount, balance, topUp } = data
      const open = { ...opened(wallet, type), balance }
      // A top-up is known by its id; its key is none of a deposit's.
      if (topUp) return { ...open, topUps: decidedTopUps.record(topUps, topUp, undefined) }
      const done = { amount, balance, revision }
      return { ...open, deposits: recordRequest(open.deposits, data, done, REMEMBERED_DEPOSITS) }
    }
    case 'FundsDebited':
      return {
        ...opened(wallet, type),
        balance: data.balance,
        orders: decidedOrders.record(orders, data, undefined),
      }
    case 'FundsRefunded':
      return {
        ...opened(wallet, type),
        balance: data.balance,
        refunds: decidedRefunds.record(refunds, data, undefined),
      }
    case 'DepositReversed':
      return {
        ...opened(wallet, type),
        balance: data.balance,
        reversals: decidedReversals.record(reversals, data, undefined),
      }
    default:
      return type satisfies never
  }
}

const opened = (wallet: Wallet, type: string): Open =>
  wallet.status === 'OPEN' ? wallet : impossible(`${type} in an unopened wallet`)

/** Streams `wallet-<user id>`: one wallet per person, in one currency. */
export const wallet: Aggregate<Wallet, WalletEvent> = {
  category: 'wallet',
  codec: codecOf(walletEvents),
  initial,
  evolve,
}

export type OpenRefusal = { readonly code: 'WALLET_EXISTS' } | IdempotencyConflict

export const open =
  (input: { ownerId: UserId; currency: string } & Request) =>
  (wallet: Wallet): Decision<WalletEvent, OpenRefusal> => {
    if (wallet.status === 'UNOPENED') return [{ type: 'WalletOpened', data: input }]
    if (wallet.opening.idempotencyKey !== input.idempotencyKey) return refuse({ code: 'WALLET_EXISTS' })
    return repeated(wallet.opening, input)
  }

export type DepositRefusal =
  | { readonly code: 'NO_WALLET' }
  | { readonly code: 'WRONG_CURRENCY'; readonly currency: string }
  | { readonly code: 'AMOUNT_OUT_OF_RANGE' }
  | IdempotencyConflict

export const deposit =
  (input: { ownerId: UserId; money: Money } & Request) =>
  (wallet: Wallet): Decision<WalletEvent, DepositRefusal> => {
    const { ownerId, idempotencyKey, fingerprint } = input
    const { amount, currency } = input.money
    if (wallet.status === 'UNOPENED') return refuse({ code: 'NO_WALLET' })
    return decidingByKey<Deposit, WalletEvent, DepositRefusal>(wallet.deposits, input, () => {
      if (currency !== wallet.currency) return refuse({ code: 'WRONG_CURRENCY', currency: wallet.currency })
      if (!fits(wallet.balance, amount)) return refuse({ code: 'AMOUNT_OUT_OF_RANGE' })
      const balance = wallet.balance + amount
      return [{ type: 'FundsDeposited', data: { ownerId, amount, balance, idempotencyKey, fingerprint } }]
    })
  }

/**
 * Charges an order, once: what was decided for it before stands. A refused debit is an event too, so that
 * every order gets one answer, whatever is delivered twice.
 */
export const debit =
  (order: OrderToPay, now: Date, searched?: Searched<WalletVerdict<PaymentFailure>>) =>
  (wallet: Wallet): Decision<WalletEvent, Forgotten> =>
    decidingOnce(decidedOrders.on(wallet.orders, order, searched), (): readonly WalletEvent[] => {
      const { orderId, placedAt, customerId: ownerId } = order
      const failure = obstacle(wallet, order, now)
      if (failure) return [{ type: 'DebitRefused', data: { ownerId, failure, orderId, placedAt } }]
      const { amount } = order.price
      const balance =
        wallet.status === 'OPEN' ? wallet.balance - amount : impossible('a debit without a wallet')
      return [{ type: 'FundsDebited', data: { ownerId, amount, balance, orderId, placedAt } }]
    })

/** Takes money back, once: what was decided about it before stands. A refusal is an event too, as with debits. */
export const refund =
  (asked: Refund, searched?: Searched<WalletVerdict<RefundFailure>>) =>
  (wallet: Wallet): Decision<WalletEvent, Forgotten> =>
    decidingOnce(decidedRefunds.on(wallet.refunds, asked, searched), (): readonly WalletEvent[] => {
      const { refundId, orderId, requestedAt, customerId: ownerId } = asked
      const { amount, currency } = asked.amount
      const matter = { ownerId, orderId, refundId, requestedAt }
      if (wallet.status === 'UNOPENED')
        return [{ type: 'RefundRefused', data: { ...matter, failure: { reason: 'NO_WALLET' } } }]
      if (wallet.currency !== currency) return impossible('money of another currency, paid by this wallet')
      if (!fits(wallet.balance, amount))
        return [{ type: 'RefundRefused', data: { ...matter, failure: { reason: 'AMOUNT_OUT_OF_RANGE' } } }]
      return [{ type: 'FundsRefunded', data: { ...matter, amount, balance: wallet.balance + amount } }]
    })

const obstacle = (wallet: Wallet, { price, payBy }: OrderToPay, now: Date): PaymentFailure | undefined => {
  if (now > new Date(payBy)) return { reason: 'EXPIRED' }
  if (wallet.status === 'UNOPENED') return { reason: 'NO_WALLET' }
  if (wallet.currency !== price.currency) return { reason: 'CURRENCY_MISMATCH' }
  if (wallet.balance < price.amount)
    return {
      reason: 'INSUFFICIENT_FUNDS',
      shortBy: { amount: price.amount - wallet.balance, currency: price.currency },
    }
  return undefined
}
