import type { EventStoreDBClient } from '@eventstore/db-client'
import type { PaymentFailure } from '../domain/payment.ts'
import { impossible } from '../eventstore/decision.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { readBackwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Writer } from '../eventstore/transact.ts'
import { decidedOn } from './decidedOrders.ts'
import type { OrderToPay } from './decidedOrders.ts'
import type { WalletEvent } from './events.ts'
import { debit, wallet } from './wallet.ts'
import type { Wallet } from './wallet.ts'

export interface ChargeOptions {
  readonly client: EventStoreDBClient
  readonly wallets: Writer<Wallet, WalletEvent>
  readonly now: () => Date
}

/** Why the wallet refused an order; undefined if the order was debited. */
export type Verdict = PaymentFailure | undefined

/**
 * Charges an order to its customer's wallet, once, however often it is asked: the first verdict stands. An
 * order so old that the wallet may have forgotten it is looked up in the wallet's stream.
 */
export const chargeWallet =
  ({ client, wallets, now }: ChargeOptions) =>
  async (order: OrderToPay, cause: Cause): Promise<Verdict> => {
    const outcome = await wallets.transact(order.customerId, debit(order, now()), { cause })
    if (outcome.refused === undefined) {
      const decided = decidedOn(outcome.state.orders, order)
      return decided.known === 'YES'
        ? decided.failure
        : impossible('a wallet that decided, and does not know')
    }
    const found = await searchVerdict(client, order)
    if (found) return found.verdict
    return chargeWallet({ client, wallets, now })({ ...order, searchedUpTo: outcome.refused.upTo }, cause)
  }

/** The verdict in the wallet's stream; no need to look beyond what is older than the order itself. */
const searchVerdict = async (
  client: EventStoreDBClient,
  { orderId, customerId, placedAt }: OrderToPay,
): Promise<{ verdict: Verdict } | undefined> => {
  for await (const event of readBackwards(client, streamOf(wallet, customerId))) {
    if ('orderId' in event.data && event.data.orderId === orderId)
      return { verdict: event.type === 'DebitRefused' ? event.data.failure : undefined }
    if (wasLongBefore(event.metadata.at, placedAt)) return undefined
  }
  return undefined
}

/** An hour allows for clocks that disagree. */
const wasLongBefore = (at: string, placedAt: string) => Date.parse(at) < Date.parse(placedAt) - 3_600_000
