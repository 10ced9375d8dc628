import type { Db } from 'mongodb'
import type { OrderId, UserId } from '../domain/ids.ts'
import type {
  LedgerDocument,
  OrderDocument,
  OrderStatus,
  PaymentDocument,
  WalletDocument,
} from './documents.ts'

/** One page, newest first. `next`: give it as `after` to get the next one; undefined on the last page. */
export interface Page<Document> {
  readonly documents: readonly Document[]
  readonly next: number | undefined
}

/** A page is asked for by its size and the last key (position or revision) of the page before. */
export interface PageRequest {
  readonly first: number
  readonly after: number | undefined
}

/** All that may be asked of the read models. Throws `Unavailable` when MongoDB does not answer in time. */
export interface ReadModels {
  order(id: OrderId): Promise<OrderDocument | undefined>
  /** Keys: `placedPosition`. */
  orders(customer: UserId, status: OrderStatus | undefined, page: PageRequest): Promise<Page<OrderDocument>>
  wallet(owner: UserId): Promise<WalletDocument | undefined>
  /** Keys: `revision`. */
  ledger(owner: UserId, page: PageRequest): Promise<Page<LedgerDocument>>
  payment(order: OrderId): Promise<PaymentDocument | undefined>
  /** The log position that all read models have reached; 0 before anything was projected. */
  position(): Promise<bigint>
  /** Waits until the read models have reached a position; throws `Unavailable` after `ms`. */
  reached(position: bigint, ms: number): Promise<void>
}

export interface ReadModelOptions {
  readonly db: Db
}
