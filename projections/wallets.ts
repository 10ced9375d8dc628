import { impossible } from '../eventstore/decision.ts'
import { walletEvents, walletMovements } from '../payments/events.ts'
import { WalletView } from './documents.ts'
import { projection } from './projection.ts'

const { WalletOpened } = walletEvents

/** Every wallet with its balance. */
export const wallets = projection({
  name: 'wallets',
  version: 3,
  events: { WalletOpened, ...walletMovements },
  view: WalletView,
  indexes: [{ key: { openedPosition: -1 } }],
  id: ({ data }) => data.ownerId,
  begins: ({ type }) => type === 'WalletOpened',
  apply: (wallet, { type, data, revision, position, metadata }) => {
    if (type === 'WalletOpened') {
      const balance = { amount: 0, currency: data.currency }
      const openedPosition = Number(position)
      return { _id: data.ownerId, balance, openedAt: metadata.at, openedPosition, revision }
    }
    if (!wallet) return impossible(`${type} in an unopened wallet`)
    return { ...wallet, balance: { ...wallet.balance, amount: data.balance }, revision }
  },
})
