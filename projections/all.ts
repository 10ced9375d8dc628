import { carts } from './carts.ts'
import { foldable } from './folder.ts'
import type { Foldable } from './folder.ts'
import { ledger } from './ledger.ts'
import { notifications } from './notifications.ts'
import { orders } from './orders.ts'
import { payments } from './payments.ts'
import { stats } from './stats.ts'
import { statsFoldable } from './statsFolder.ts'
import { stock } from './stock.ts'
import { topUps } from './topUps.ts'
import { wallets } from './wallets.ts'

/** Every read model of the product. */
export const projections = { orders, wallets, ledger, payments, stats, stock, carts, notifications, topUps }

/** All of them, ready to be put to work. */
export const foldables: readonly Foldable[] = [
  foldable(orders),
  foldable(wallets),
  foldable(ledger),
  foldable(payments),
  statsFoldable,
  foldable(stock),
  foldable(carts),
  foldable(topUps),
  foldable(notifications),
]
