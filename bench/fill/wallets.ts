import type { EventData } from '@eventstore/db-client'
import type { UserId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { fingerprint } from '../../eventstore/idempotency.ts'
import { begin } from '../../eventstore/metadata.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import type { Verdict } from '../../payments/chargeWallet.ts'
import { decidedOrders } from '../../payments/decidedOrders.ts'
import type { OrderToPay } from '../../payments/decidedOrders.ts'
import type { WalletEvent } from '../../payments/events.ts'
import { debit, deposit, open, wallet } from '../../payments/wallet.ts'
import type { Wallet } from '../../payments/wallet.ts'
import { appendTo, tell } from './append.ts'
import type { Append, Telling } from './append.ts'

/**
 * Everybody's wallet. What is decided for a wallet between two `take`s is appended together, as the services
 * do with commands that wait for the same stream.
 */
export const walletsOf = (telling: Telling) => {
  const states = new Map<UserId, Wallet>()
  const told = new Map<UserId, { readonly revision: number; readonly events: EventData[] }>()

  const stateOf = (owner: UserId): Wallet => states.get(owner) ?? wallet.initial

  const decide = <R>(owner: UserId, decision: (state: Wallet) => Decision<WalletEvent, R>, cause: Cause) => {
    const before = stateOf(owner)
    const decided = decision(before)
    if (isRefusal(decided)) throw new Error(`the wallet of ${owner} refuses: ${JSON.stringify(decided)}`)
    const after = decided.reduce(wallet.evolve, before)
    const waiting = told.get(owner) ?? { revision: before.revision, events: [] }
    waiting.events.push(...tell(wallet, decided, cause, telling).events)
    told.set(owner, waiting)
    states.set(owner, after)
    return after
  }

  return {
    /** 0 while there is none. */
    balance: (owner: UserId): number => {
      const state = stateOf(owner)
      return state.status === 'OPEN' ? state.balance : 0
    },
    isOpen: (owner: UserId): boolean => stateOf(owner).status === 'OPEN',

    open: (ownerId: UserId, currency: string) =>
      decide(
        ownerId,
        open({ ownerId, currency, idempotencyKey: 'open', fingerprint: fingerprint('openWallet', currency) }),
        begin(telling.newId(), ownerId),
      ),

    deposit: (ownerId: UserId, money: Money) =>
      decide(
        ownerId,
        deposit({
          ownerId,
          money,
          idempotencyKey: `deposit-${stateOf(ownerId).revision + 1}`,
          fingerprint: fingerprint('deposit', money.amount, money.currency),
        }),
        begin(telling.newId(), ownerId),
      ),

    /** Debits the order, or tells why not. */
    charge: (order: OrderToPay, cause: Cause): Verdict => {
      const state = decide(order.customerId, debit(order, telling.now()), cause)
      const decided = decidedOrders.on(state.orders, order)
      if (decided.known !== 'YES')
        throw new Error(`the wallet of ${order.customerId} decided, and does not know`)
      return decided.verdict.failure
    },

    /** What was decided since the last time. */
    take: (): readonly Append[] => {
      const appends = [...told].map(([owner, { revision, events }]) =>
        appendTo(wallet, owner, revision, events),
      )
      told.clear()
      return appends
    },
  }
}
export type Wallets = ReturnType<typeof walletsOf>
