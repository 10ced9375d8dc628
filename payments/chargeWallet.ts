import type { EventStoreDBClient } from '@eventstore/db-client'
import type { PaymentFailure } from '../domain/payment.ts'
import { decideOnce, newestAbout } from '../eventstore/decideOnce.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Writer } from '../eventstore/transact.ts'
import { decidedOn } from './decidedOrders.ts'
import type { Charge, OrderToPay } from './decidedOrders.ts'
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
    const charge = await decideOnce({
      decide: (searched) => wallets.transact(order.customerId, debit(order, now(), searched), { cause }),
      known: (wallet, searched) => decidedOn(wallet.orders, order, searched),
      search: () => searchCharge(client, order),
    })
    return charge.failure
  }

const searchCharge = async (
  client: EventStoreDBClient,
  { orderId, customerId, placedAt }: OrderToPay,
): Promise<Charge | undefined> => {
  const isAbout = ({ data }: WalletEvent) => 'placedAt' in data && data.orderId === orderId
  const found = await newestAbout(client, streamOf(wallet, customerId), placedAt, isAbout)
  return found && { failure: found.type === 'DebitRefused' ? found.data.failure : undefined }
}
