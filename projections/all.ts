import { ledger } from './ledger.ts'
import { orders } from './orders.ts'
import { payments } from './payments.ts'
import { wallets } from './wallets.ts'

/** Every read model of the product. */
export const projections = { orders, wallets, ledger, payments }
