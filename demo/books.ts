import { z } from 'zod'
import type { HttpClient } from '../client/http.ts'
import { OrderStatus } from '../client/operations.ts'
import type { Person } from './cast.ts'
import { patiently } from './patience.ts'
import type { Performed } from './perform.ts'

const Money = z.object({ amount: z.int(), currency: z.string() })

const Entry = z.object({
  kind: z.enum(['DEPOSIT', 'DEBIT', 'REFUND']),
  amount: Money,
  balance: Money,
  orderId: z.string().nullable(),
})
export type Entry = z.infer<typeof Entry>

const PageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() })

const Ledger = z.object({
  wallet: z.object({ balance: Money }).nullable(),
  walletEntries: z.object({ edges: z.array(z.object({ node: Entry })), pageInfo: PageInfo }),
})

const Orders = z.object({
  orders: z.object({
    edges: z.array(z.object({ node: z.object({ id: z.string() }) })),
    pageInfo: PageInfo,
  }),
})

const LEDGER = `query($after: String) {
  wallet { balance { amount currency } }
  walletEntries(first: 100, after: $after) {
    edges { node { kind amount { amount currency } balance { amount currency } orderId } }
    pageInfo { hasNextPage endCursor }
  }
}`
const ORDERS = `query($after: String) {
  orders(first: 100, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } }
}`
const ORDER = 'query($id: ID!) { order(id: $id) { status price { amount currency } } }'
const Order = z.object({ order: z.object({ status: OrderStatus, price: Money }).nullable() })

/** All that the read models say of one person. */
export interface Book {
  readonly person: Person
  readonly balance: z.infer<typeof Money> | undefined
  /** Oldest first. */
  readonly entries: readonly Entry[]
  readonly orderIds: readonly string[]
}

interface Reader {
  readonly client: HttpClient
  readonly onFault: () => void
}

/** The status and price of an order as the read model has them, at least as new as its last announcement. */
export const readOrder = async ({ client, onFault }: Reader, { planned, id, last }: Performed) => {
  const asked = { user: planned.customer, query: ORDER, variables: { id }, data: Order }
  const token = last.consistencyToken
  return (await patiently(() => client.ask({ ...asked, consistencyToken: token }), onFault)).order
}

/** Reads one person's whole ledger and the list of all orders, page by page. */
export const readBook = async (
  { client, onFault }: Reader,
  person: Person,
  token: string | undefined,
): Promise<Book> => {
  const entries: Entry[] = []
  const orderIds: string[] = []
  const ask = <T>(query: string, data: z.ZodType<T>, after: string | null) => {
    const asked = { user: person.id, query, variables: { after }, data }
    return patiently(
      () => client.ask(token === undefined ? asked : { ...asked, consistencyToken: token }),
      onFault,
    )
  }
  let balance: Book['balance']
  await throughPages(async (after) => {
    const { wallet, walletEntries } = await ask(LEDGER, Ledger, after)
    balance = wallet?.balance
    entries.push(...walletEntries.edges.map(({ node }) => node))
    return walletEntries.pageInfo
  })
  await throughPages(async (after) => {
    const { orders } = await ask(ORDERS, Orders, after)
    orderIds.push(...orders.edges.map(({ node }) => node.id))
    return orders.pageInfo
  })
  return { person, balance, entries: entries.toReversed(), orderIds }
}

const throughPages = async (read: (after: string | null) => Promise<z.infer<typeof PageInfo>>) => {
  let page = await read(null)
  while (page.hasNextPage) page = await read(page.endCursor)
}
