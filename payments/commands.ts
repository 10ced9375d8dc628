import type { UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { impossible } from '../eventstore/decision.ts'
import type { RefusedAnswer } from '../eventstore/decision.ts'
import { fingerprint } from '../eventstore/idempotency.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { answered } from '../eventstore/requests.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { WalletEvent } from './events.ts'
import { deposit, open } from './wallet.ts'
import type { DepositRefusal, OpenRefusal, Wallet } from './wallet.ts'

export type { RefusedAnswer }

/** A wallet as a command left it; `position` is where in the log that stands. */
export interface WalletAnswer {
  readonly refused?: never
  readonly ownerId: UserId
  readonly balance: Money | { readonly amount: 0; readonly currency: string }
  /** Revision of the event that the command caused. */
  readonly revision: number
  readonly position: bigint
}

/** What people can do to their wallets. The same key with the same input answers as the first time. */
export const walletCommands = (wallets: Writer<Wallet, WalletEvent>) => ({
  openWallet: async (
    input: { readonly ownerId: UserId; readonly currency: string; readonly idempotencyKey: string },
    cause: Cause,
  ): Promise<WalletAnswer | RefusedAnswer<OpenRefusal>> => {
    const { ownerId, currency, idempotencyKey } = input
    const outcome = await wallets.transact(
      ownerId,
      open({ ownerId, currency, idempotencyKey, fingerprint: fingerprint('openWallet', currency) }),
      { cause },
    )
    if (outcome.refused !== undefined) return { refused: outcome.refused, position: outcome.position }
    const { state, position } = outcome
    if (state.status !== 'OPEN') return impossible('a wallet that was opened, and is not open')
    return { ownerId, balance: { amount: 0, currency }, revision: state.opening.revision, position }
  },

  deposit: async (
    input: { readonly ownerId: UserId; readonly money: Money; readonly idempotencyKey: string },
    cause: Cause,
  ): Promise<WalletAnswer | RefusedAnswer<DepositRefusal>> => {
    const { ownerId, money, idempotencyKey } = input
    const outcome = await wallets.transact(
      ownerId,
      deposit({
        ownerId,
        money,
        idempotencyKey,
        fingerprint: fingerprint('deposit', money.amount, money.currency),
      }),
      { cause },
    )
    if (outcome.refused !== undefined) return { refused: outcome.refused, position: outcome.position }
    const { state, position } = outcome
    const done = state.status === 'OPEN' ? answered(state.deposits, idempotencyKey) : undefined
    if (!done) return impossible('a deposit that its wallet does not remember')
    const { balance: amount, revision } = done
    return { ownerId, balance: { amount, currency: money.currency }, revision, position }
  },
})
export type WalletCommands = ReturnType<typeof walletCommands>
