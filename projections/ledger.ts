import { walletMovements } from '../payments/events.ts'
import { LedgerView } from './documents.ts'
import { projection } from './projection.ts'

/** Every movement of every wallet, with the balance after it. */
export const ledger = projection({
  name: 'ledger',
  version: 2,
  events: walletMovements,
  view: LedgerView,
  indexes: [{ key: { ownerId: 1, revision: -1 } }],
  id: ({ data, revision }) => `${data.ownerId}:${revision}`,
  begins: () => true,
  apply: (_, { type, data, revision, metadata }): LedgerView => {
    const { ownerId, amount, balance } = data
    const entry = { _id: `${ownerId}:${revision}`, ownerId, revision, amount, balance, at: metadata.at }
    switch (type) {
      case 'FundsDeposited':
        return { ...entry, kind: 'DEPOSIT', ...(data.topUp ? { topUpId: data.topUp.topUpId } : {}) }
      case 'FundsDebited':
        return { ...entry, kind: 'DEBIT', orderId: data.orderId }
      case 'FundsRefunded':
        return { ...entry, kind: 'REFUND', orderId: data.orderId }
      case 'DepositReversed':
        return { ...entry, kind: 'DEBIT', topUpId: data.topUpId }
      default:
        return type satisfies never
    }
  },
})
