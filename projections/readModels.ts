import { MongoError } from 'mongodb'
import type { Db, Filter } from 'mongodb'
import type { z } from 'zod'
import type { OrderId, UserId } from '../domain/ids.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { projections } from './all.ts'
import { lowest, readCheckpoints } from './checkpoints.ts'
import { LedgerDocument, OrderDocument, PaymentDocument, WalletDocument } from './documents.ts'
import type { OrderStatus } from './documents.ts'
import { waitForPosition } from './waitForPosition.ts'

/** A read model, by the name of its projection. */
export type ModelName = keyof typeof projections

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
  /** Waits until the named models have reached a position; throws `Unavailable` after `ms`. */
  reached(position: bigint, ms: number, ...models: readonly ModelName[]): Promise<void>
}

export interface ReadModelOptions {
  readonly db: Db
  /** Milliseconds that MongoDB has for an answer. */
  readonly deadline?: number
}

interface Stored {
  readonly _id: string
}

export const readModels = ({ db, deadline = 2_000 }: ReadModelOptions): ReadModels => {
  const names = Object.values(projections).map(({ name }) => name)
  const positions = () => asked(readCheckpoints(db, names, deadline))

  const byId = async <D extends Stored>(collection: string, schema: z.ZodType<D>, _id: string) => {
    const found = await asked(db.collection<Stored>(collection).findOne({ _id }, { timeoutMS: deadline }))
    return found ? schema.parse(found) : undefined
  }

  const page = async <D extends Stored, K extends keyof D & string>(
    collection: string,
    schema: z.ZodType<D & Record<K, number>>,
    filter: Filter<Stored>,
    key: K,
    { first, after }: PageRequest,
  ): Promise<Page<D>> => {
    const older = after === undefined ? filter : { ...filter, [key]: { $lt: after } }
    const found = await asked(
      db
        .collection<Stored>(collection)
        .find(older, { timeoutMS: deadline })
        .sort({ [key]: -1 })
        .limit(first + 1)
        .toArray(),
    )
    const documents = found.slice(0, first).map((raw) => schema.parse(raw))
    return { documents, next: found.length > first ? documents.at(-1)?.[key] : undefined }
  }

  return {
    order: (id) => byId(projections.orders.name, OrderDocument, id),
    orders: (customerId, status, request) =>
      page(
        projections.orders.name,
        OrderDocument,
        status ? { customerId, status } : { customerId },
        'placedPosition',
        request,
      ),
    wallet: (owner) => byId(projections.wallets.name, WalletDocument, owner),
    ledger: (ownerId, request) =>
      page(projections.ledger.name, LedgerDocument, { ownerId }, 'revision', request),
    payment: (id) => byId(projections.payments.name, PaymentDocument, id),
    position: async () => lowest((await positions()).values()),
    reached: waitForPosition(positions),
  }
}

/** What MongoDB answers; throws `Unavailable` when it does not. */
export const asked = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (fault) {
    if (fault instanceof MongoError) throw new Unavailable('the read models do not answer', { cause: fault })
    throw fault
  }
}
