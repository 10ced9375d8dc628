import type { Db } from 'mongodb'
import { folderOf } from './folder.ts'
import type { Folder } from './folder.ts'
import { ledger } from './ledger.ts'
import { orders } from './orders.ts'
import { payments } from './payments.ts'
import { wallets } from './wallets.ts'

/** Every read model of the product. */
export const projections = { orders, wallets, ledger, payments }

/** All of them at work on a database. */
export const foldersOn = (db: Db): readonly Folder[] => [
  folderOf(orders, db),
  folderOf(wallets, db),
  folderOf(ledger, db),
  folderOf(payments, db),
]
