import type { UserId } from '../domain/ids.ts'
import type { WalletDocument } from '../projections/documents.ts'
import { PATIENCE } from '../projections/consistency.ts'
import type { LiveQueue } from './queue.ts'
import { seam } from './seam.ts'
import { later, LIMIT, subscriber } from './subscriber.ts'
import type { LiveParts } from './subscriber.ts'
import type { BalanceUpdate } from './updates.ts'

/** A wallet as it is after an update. */
export interface LiveWallet {
  readonly id: UserId
  readonly balance: { readonly amount: number; readonly currency: string }
  readonly revision: number
  readonly position: bigint
}

/** The balance as it is, if there is a wallet already, then each change; joined as `followOrder` does it. */
export const followWallet = (
  parts: Omit<LiveParts, 'client'>,
  owner: UserId,
  seen: bigint,
): Promise<LiveQueue<LiveWallet>> =>
  subscriber(parts, async (queue, leaving) => {
    const { hub, readModels } = parts
    let currency = ''
    const show = ({ ownerId: id, amount, revision, position, ...update }: BalanceUpdate): LiveWallet => {
      currency = update.currency ?? currency
      return { id, balance: { amount, currency }, revision, position }
    }
    const { live, open } = seam(queue, { limit: LIMIT, show, isLast: () => false })
    leaving(hub.watchWalletOf(owner, live))
    await readModels.reached(later(hub.position(), seen), PATIENCE, 'wallets')

    const found = await readModels.wallet(owner)
    open(found ? [balanceIn(found)] : [], -1, false)
  })

const balanceIn = ({ _id, balance, revision, position }: WalletDocument): BalanceUpdate => ({
  ownerId: _id,
  ...balance,
  revision,
  position: BigInt(position),
})
