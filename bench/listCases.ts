import type { Operations, Order, PageRequest } from '../client/operations.ts'
import type { UserId } from '../domain/ids.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { keyOf } from '../service/opaque.ts'
import type { CursorKind } from '../service/opaque.ts'
import type { Customer } from './filling.ts'

/** A customer whose lists are asked for, with cursors that stand halfway down them. */
export interface Reader {
  readonly id: UserId
  readonly orders: string | undefined
  readonly entries: string | undefined
}

/** An admin, who sees everybody's orders. */
export interface Admin {
  readonly id: UserId
}

/** A list as it is asked for. */
export interface ListCase<Asking> {
  readonly name: string
  /** Through the API; throws if something is on the page that does not belong there. */
  readonly ask: (api: Operations, asking: Asking) => Promise<void>
  /** The same of the read models, which the API asks in turn. */
  readonly read: (models: ReadModels, asking: Asking) => Promise<unknown>
}

const FIRST = 20
/** Entries of a page on the way down. */
const STEP = 100

const pageAfter = (after: string | undefined): PageRequest => ({ first: FIRST, ...(after && { after }) })
const keyed = (kind: CursorKind, after: string | undefined) => ({
  first: FIRST,
  after: after === undefined ? undefined : keyOf(kind, after, 'after'),
})

type Status = 'PAID' | 'FAILED' | undefined

const check = (nodes: readonly Order[], status: Status) => {
  const other = nodes.find((order) => status && order.status !== status)
  if (other) throw new Error(`${other.id} is ${other.status}, and among those that are ${status}`)
}

const orders = (name: string, status: Status, deep: boolean): ListCase<Reader> => {
  const cursor = (reader: Reader) => (deep ? reader.orders : undefined)
  return {
    name,
    ask: async (api, reader) => {
      const { nodes } = await api.orders(reader.id, {
        ...pageAfter(cursor(reader)),
        ...(status && { status }),
      })
      if (!status && nodes.length === 0) throw new Error(`no orders of ${reader.id}`)
      check(nodes, status)
    },
    read: (models, reader) => models.orders(reader.id, status, keyed('order', cursor(reader))),
  }
}

const entries = (name: string, deep: boolean): ListCase<Reader> => {
  const cursor = (reader: Reader) => (deep ? reader.entries : undefined)
  return {
    name,
    ask: async (api, reader) => void (await api.walletEntries(reader.id, pageAfter(cursor(reader)))),
    read: (models, reader) => models.ledger(reader.id, keyed('entry', cursor(reader))),
  }
}

const everybodys = (name: string, status: Status): ListCase<Admin> => ({
  name,
  ask: async (api, { id }) => {
    const { nodes } = await api.allOrders(id, { first: FIRST, ...(status && { filter: { status } }) })
    if (nodes.length === 0) throw new Error('nobody has such orders')
    check(nodes, status)
  },
  read: (models) => {
    const filter = { status, customerId: undefined, from: undefined, to: undefined }
    return models.allOrders(filter, { first: FIRST, after: undefined })
  },
})

/** The lists of one's own. */
export const ownLists: readonly ListCase<Reader>[] = [
  orders('orders', undefined, false),
  orders('orders, halfway down', undefined, true),
  orders('orders that are PAID', 'PAID', false),
  orders('orders that are FAILED', 'FAILED', false),
  entries('walletEntries', false),
  entries('walletEntries, halfway down', true),
]

/** The lists of admins. */
export const adminLists: readonly ListCase<Admin>[] = [
  everybodys('allOrders', undefined),
  everybodys('allOrders that are FAILED', 'FAILED'),
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
