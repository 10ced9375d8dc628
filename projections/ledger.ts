import { walletEvents } from '../payments/events.ts'
import { LedgerView } from './documents.ts'
import { projection } from './projection.ts'

const { FundsDeposited, FundsDebited } = walletEvents

/** Every movement of every wallet, with the balance after it. */
export const ledger = projection({
  name: 'ledger',
  version: 1,
  events: { FundsDeposited, FundsDebited },
  view: LedgerView,
  indexes: [{ ownerId: 1, revision: -1 }],
  id: ({ data, revision }) => `${data.ownerId}:${revision}`,
  begins: () => true,
  apply: (_, { type, data, revision, metadata }) => {
    const { ownerId, amount, balance } = data
    const entry = { _id: `${ownerId}:${revision}`, ownerId, revision, amount, balance, at: metadata.at }
    return type === 'FundsDebited'
      ? { ...entry, kind: 'DEBIT' as const, orderId: data.orderId }
      : { ...entry, kind: 'DEPOSIT' as const }
  },
})
