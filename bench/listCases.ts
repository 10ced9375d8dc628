import type { Operations, PageRequest } from '../client/operations.ts'
import type { UserId } from '../domain/ids.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { keyOf } from '../schema/opaque.ts'
import type { CursorKind } from '../schema/opaque.ts'
import type { Customer } from './filling.ts'

/** A customer whose lists are asked for, with cursors that stand halfway down them. */
export interface Reader {
  readonly id: UserId
  readonly orders: string | undefined
  readonly entries: string | undefined
}

/** A list as it is asked for. */
export interface ListCase {
  readonly name: string
  /** Through the API; throws if something is on the page that does not belong there. */
  readonly ask: (api: Operations, reader: Reader) => Promise<void>
  /** The same of the read models, which the API asks in turn. */
  readonly read: (models: ReadModels, reader: Reader) => Promise<unknown>
}

const FIRST = 20
/** Entries of a page on the way down. */
const STEP = 100

const pageAfter = (after: string | undefined): PageRequest => ({ first: FIRST, ...(after && { after }) })
const keyed = (kind: CursorKind, after: string | undefined) => ({
  first: FIRST,
  after: after === undefined ? undefined : keyOf(kind, after),
})

const orders = (name: string, status: 'PAID' | 'FAILED' | undefined, deep: boolean): ListCase => {
  const cursor = (reader: Reader) => (deep ? reader.orders : undefined)
  return {
    name,
    ask: async (api, reader) => {
      const { nodes } = await api.orders(reader.id, {
        ...pageAfter(cursor(reader)),
        ...(status && { status }),
      })
      if (!status && nodes.length === 0) throw new Error(`no orders of ${reader.id}`)
      const other = nodes.find((order) => status && order.status !== status)
      if (other) throw new Error(`${other.id} is ${other.status}, and among those that are ${status}`)
    },
    read: (models, reader) => models.orders(reader.id, status, keyed('order', cursor(reader))),
  }
}

const entries = (name: string, deep: boolean): ListCase => {
  const cursor = (reader: Reader) => (deep ? reader.entries : undefined)
  return {
    name,
    ask: async (api, reader) => void (await api.walletEntries(reader.id, pageAfter(cursor(reader)))),
    read: (models, reader) => models.ledger(reader.id, keyed('entry', cursor(reader))),
  }
}

/** Every list, as people ask for it. */
export const listCases: readonly ListCase[] = [
  orders('orders', undefined, false),
  orders('orders, halfway down', undefined, true),
  orders('orders that are PAID', 'PAID', false),
  orders('orders that are FAILED', 'FAILED', false),
  entries('walletEntries', false),
  entries('walletEntries, halfway down', true),
]

/** Goes halfway down a customer's lists, page by page, as a client does. */
export const readerOf = async (api: Operations, { id, orders }: Customer): Promise<Reader> => {
  const halfway = async (page: (request: PageRequest) => Promise<{ readonly next: string | null }>) => {
    let cursor: string | undefined
    for (let left = Math.floor(orders / 2); left > 0; left -= STEP) {
      const { next } = await page({ first: Math.min(STEP, left), ...(cursor && { after: cursor }) })
      if (next === null) break
      cursor = next
    }
    return cursor
  }
  return {
    id,
    orders: await halfway((request) => api.orders(id, request)),
    entries: await halfway((request) => api.walletEntries(id, request)),
  }
}
