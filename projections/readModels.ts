import type { Db } from 'mongodb'
import type { z } from 'zod'
import type { OrderId, TopUpId, UserId } from '../domain/ids.ts'
import type { Sku } from '../domain/product.ts'
import { projections } from './all.ts'
import { askedWithin } from './asked.ts'
import { lowest, readCheckpoints } from './checkpoints.ts'
import {
  CartDocument,
  LedgerDocument,
  ListedWallet,
  NotificationDocument,
  OrderDocument,
  PaymentDocument,
  StatsDocument,
  StockDocument,
  TopUpDocument,
  WalletDocument,
} from './documents.ts'
import type { OrderStatus } from './documents.ts'
import { listsIn } from './lists.ts'
import type { List, Page, PageRequest, Period, Stored } from './lists.ts'
import { TOTALS } from './stats.ts'
import { waitForPosition } from './waitForPosition.ts'

/** A read model, by the name of its projection. */
export type ModelName = keyof typeof projections

/** Which orders of everybody's are meant, by the time of their placing. */
export interface OrderFilter extends Period {
  readonly status?: OrderStatus | undefined
  readonly customerId?: UserId | undefined
}

/** All that may be asked of the read models. Throws `Unavailable` when MongoDB does not answer in time. */
export interface ReadModels {
  order(id: OrderId): Promise<OrderDocument | undefined>
  /** Many at once; those that do not exist are left out. */
  ordersById(ids: readonly OrderId[]): Promise<readonly OrderDocument[]>
  /** Keys: `placedPosition`. */
  orders(customer: UserId, status: OrderStatus | undefined, page: PageRequest): Promise<Page<OrderDocument>>
  /** Everybody's. Keys: `placedPosition`. */
  allOrders(filter: OrderFilter, page: PageRequest): Promise<Page<OrderDocument>>
  wallet(owner: UserId): Promise<WalletDocument | undefined>
  /** Everybody's. Keys: `openedPosition`. */
  wallets(page: PageRequest): Promise<Page<ListedWallet>>
  /** Keys: `revision`. */
  ledger(owner: UserId, page: PageRequest): Promise<Page<LedgerDocument>>
  /** Every entry of a period, oldest first, a page at a time. */
  wholeLedger(owner: UserId, period: Period): AsyncIterable<readonly LedgerDocument[]>
  payment(order: OrderId): Promise<PaymentDocument | undefined>
  topUp(id: TopUpId): Promise<TopUpDocument | undefined>
  /** Undefined before anything has happened to it. */
  stock(sku: Sku): Promise<StockDocument | undefined>
  /** Many at once; those to which nothing has happened are left out. */
  stocks(skus: readonly Sku[]): Promise<readonly StockDocument[]>
  /** Undefined before anything was put into it. */
  cart(owner: UserId): Promise<CartDocument | undefined>
  /** What somebody was told. Keys: `begunPosition`. */
  notifications(user: UserId, period: Period, page: PageRequest): Promise<Page<NotificationDocument>>
  /** Undefined before anything has happened. */
  stats(): Promise<StatsDocument | undefined>
  /** The log position that all the named models have reached; 0 before anything was projected. */
  position(...models: readonly ModelName[]): Promise<bigint>
  /** Waits until the named models have reached a position; throws `Unavailable` after `ms`. */
  reached(position: bigint, ms: number, ...models: readonly ModelName[]): Promise<void>
}

export interface ReadModelOptions {
  readonly db: Db
  /** Milliseconds that MongoDB has for an answer. */
  readonly deadline?: number
}

const orderList: List<OrderDocument, 'placedPosition', 'placedAt'> = {
  name: projections.orders.name,
  schema: OrderDocument,
  key: 'placedPosition',
  time: 'placedAt',
}

const walletList: List<ListedWallet, 'openedPosition', 'openedAt'> = {
  name: projections.wallets.name,
  schema: ListedWallet,
  key: 'openedPosition',
  time: 'openedAt',
}

const ledgerList: List<LedgerDocument, 'revision', 'at'> = {
  name: projections.ledger.name,
  schema: LedgerDocument,
  key: 'revision',
  time: 'at',
}

const notificationList: List<NotificationDocument, 'begunPosition', 'at'> = {
  name: projections.notifications.name,
  schema: NotificationDocument,
  key: 'begunPosition',
  time: 'at',
}

export const readModels = ({ db, deadline = 2_000 }: ReadModelOptions): ReadModels => {
  const names = Object.values(projections).map(({ name }) => name)
  const positions = (models: readonly string[]) =>
    askedWithin(deadline, readCheckpoints(db, models, deadline))
  const lists = listsIn(db, deadline)

  const byId = async <D extends Stored>(collection: string, schema: z.ZodType<D>, _id: string) => {
    const found = await askedWithin(
      deadline,
      db.collection<Stored>(collection).findOne({ _id }, { maxTimeMS: deadline }),
    )
    return found ? schema.parse(found) : undefined
  }

  const byIds = async <D extends Stored>(
    collection: string,
    schema: z.ZodType<D>,
    ids: readonly string[],
  ): Promise<readonly D[]> => {
    if (ids.length === 0) return []
    const documents = db.collection<Stored>(collection)
    const found = documents.find({ _id: { $in: [...ids] } }, { maxTimeMS: deadline, batchSize: ids.length })
    return (await askedWithin(deadline, found.toArray())).map((raw) => schema.parse(raw))
  }

  const orders = ({ status, customerId, ...period }: OrderFilter, request: PageRequest) => {
    const equal = { ...(customerId && { customerId }), ...(status && { status }) }
    return lists.page(orderList, { equal, ...period }, request)
  }

  return {
    order: (id) => byId(projections.orders.name, OrderDocument, id),
    ordersById: (ids) => byIds(projections.orders.name, OrderDocument, ids),
    orders: (customerId, status, request) => orders({ customerId, status }, request),
    allOrders: orders,
    wallet: (owner) => byId(projections.wallets.name, WalletDocument, owner),
    wallets: (request) => lists.page(walletList, { equal: {} }, request),
    ledger: (ownerId, request) => lists.page(ledgerList, { equal: { ownerId } }, request),
    wholeLedger: (ownerId, period) => lists.pages(ledgerList, { equal: { ownerId }, ...period }),
    payment: (id) => byId(projections.payments.name, PaymentDocument, id),
    topUp: (id) => byId(projections.topUps.name, TopUpDocument, id),
    stock: (sku) => byId(projections.stock.name, StockDocument, sku),
    stocks: (skus) => byIds(projections.stock.name, StockDocument, skus),
    cart: (owner) => byId(projections.carts.name, CartDocument, owner),
    notifications: (userId, period, request) =>
      lists.page(notificationList, { equal: { userId }, ...period }, request),
    stats: () => byId(projections.stats.name, StatsDocument, TOTALS),
    position: async (...models) => lowest((await positions(models)).values()),
    reached: waitForPosition(() => positions(names)),
  }
}
