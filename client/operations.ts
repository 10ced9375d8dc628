import { z } from 'zod'
import type { HttpClient } from './http.ts'

/** The operations that demo, benchmark and tests use, with what they answer. */

const Money = z.object({ amount: z.int(), currency: z.string() })
const Refusal = z.object({ message: z.string() })

const refused = <const T extends string>(...names: readonly T[]) =>
  Refusal.extend({ __typename: z.enum(names) })

const Wallet = z.object({ balance: Money, revision: z.int(), consistencyToken: z.string() })
export type Wallet = z.infer<typeof Wallet>
const WalletAnswer = Wallet.extend({ __typename: z.literal('Wallet') })
const OpenWalletResult = z.union([WalletAnswer, refused('WalletExists', 'IdempotencyConflict')])
const DepositResult = z.union([
  WalletAnswer,
  refused('NoWallet', 'WrongCurrency', 'AmountOutOfRange', 'IdempotencyConflict'),
])

export const OrderStatus = z.enum(['NEW', 'AWAITING_PAYMENT', 'PAID', 'FAILED', 'CANCELLED', 'REFUNDED'])
export type OrderStatus = z.infer<typeof OrderStatus>

const Order = z.object({
  id: z.string(),
  status: OrderStatus,
  price: Money,
  revision: z.int(),
  consistencyToken: z.string(),
})
export type Order = z.infer<typeof Order>
const OrderAnswer = Order.extend({ __typename: z.literal('Order') })
const PlaceOrderResult = z.union([OrderAnswer, refused('AmountOutOfRange', 'IdempotencyConflict')])

const Entry = z.object({
  id: z.string(),
  kind: z.enum(['DEPOSIT', 'DEBIT', 'REFUND']),
  amount: Money,
  balance: Money,
  orderId: z.string().nullable(),
})
export type Entry = z.infer<typeof Entry>

const Payment = z.object({ orderId: z.string(), status: z.string(), price: Money })

const pageOf = <Node>(node: z.ZodType<Node>) =>
  z
    .object({
      edges: z.array(z.object({ node })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    })
    .transform(({ edges, pageInfo }) => ({
      nodes: edges.map(({ node }) => node),
      /** Give it as `after` for the next page; null on the last one. */
      next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    }))

const MONEY = '{ amount currency }'
const WALLET = `balance ${MONEY} revision consistencyToken`
const ORDER = `id status price ${MONEY} revision consistencyToken`
const ENTRY = `id kind amount ${MONEY} balance ${MONEY} orderId`
const PAGE = 'pageInfo { hasNextPage endCursor }'
const orRefusal = (type: string, fields: string) =>
  `__typename ... on Refusal { message } ... on ${type} { ${fields} }`

/** Whose orders an admin asks for; what is left out does not matter. */
export interface OrderFilter {
  readonly status?: OrderStatus
  readonly customerId?: string
  /** ISO 8601: placed then or later, and before. */
  readonly from?: string
  readonly to?: string
}

/** Which page of a list. */
export interface PageRequest {
  readonly first: number
  readonly after?: string | null
}

export const operations = (client: HttpClient) => {
  /** One root field of a query, at least as new as the token, if there is one. */
  const ask = async <T>(
    user: string,
    query: string,
    variables: Readonly<Record<string, unknown>>,
    answer: z.ZodType<T>,
    consistencyToken: string | undefined,
  ): Promise<T> => {
    const data = z.object({ answer })
    const token = consistencyToken === undefined ? {} : { consistencyToken }
    return (await client.ask({ user, query, variables, data, ...token })).answer
  }

  const order = (user: string, id: string, token?: string): Promise<Order | null> =>
    ask(user, `query($id: ID!) { answer: order(id: $id) { ${ORDER} } }`, { id }, Order.nullable(), token)

  return {
    openWallet: async (user: string, currency: string, idempotencyKey: string) => {
      const query = `mutation($input: OpenWalletInput!) { openWallet(input: $input) { ${orRefusal('Wallet', WALLET)} } }`
      const data = z.object({ openWallet: OpenWalletResult })
      const variables = { input: { currency, idempotencyKey } }
      return (await client.ask({ user, query, variables, data })).openWallet
    },

    deposit: async (user: string, money: z.infer<typeof Money>, idempotencyKey: string) => {
      const query = `mutation($input: DepositInput!) { deposit(input: $input) { ${orRefusal('Wallet', WALLET)} } }`
      const data = z.object({ deposit: DepositResult })
      const variables = { input: { money, idempotencyKey } }
      return (await client.ask({ user, query, variables, data })).deposit
    },

    placeOrder: async (
      user: string,
      order: {
        readonly price: z.infer<typeof Money>
        readonly description: string
        readonly idempotencyKey: string
      },
    ) => {
      const query = `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ${orRefusal('Order', ORDER)} } }`
      const data = z.object({ placeOrder: PlaceOrderResult })
      return (await client.ask({ user, query, variables: { input: order }, data })).placeOrder
    },

    wallet: (user: string, token?: string) =>
      ask(user, `{ answer: wallet { ${WALLET} } }`, {}, Wallet.nullable(), token),

    walletEntries: (user: string, page: PageRequest, token?: string) =>
      ask(
        user,
        `query($first: Int!, $after: String) {
          answer: walletEntries(first: $first, after: $after) { edges { node { ${ENTRY} } } ${PAGE} }
        }`,
        { ...page },
        pageOf(Entry),
        token,
      ),

    order,
    orderStatus: async (user: string, id: string, token?: string): Promise<OrderStatus | undefined> =>
      (await order(user, id, token))?.status,

    orders: (user: string, page: PageRequest & { readonly status?: OrderStatus }, token?: string) =>
      ask(
        user,
        `query($first: Int!, $after: String, $status: OrderStatus) {
          answer: orders(first: $first, after: $after, status: $status) { edges { node { ${ORDER} } } ${PAGE} }
        }`,
        { ...page },
        pageOf(Order),
        token,
      ),

    /** Everybody's, for an admin. */
    allOrders: async (admin: string, page: PageRequest & { readonly filter?: OrderFilter }) => {
      const query = `query($first: Int!, $after: String, $filter: OrderFilter) {
        allOrders(first: $first, after: $after, filter: $filter) { edges { node { ${ORDER} } } ${PAGE} }
      }`
      const data = z.object({ allOrders: pageOf(Order) })
      return (await client.ask({ user: admin, role: 'ADMIN', query, variables: { ...page }, data })).allOrders
    },

    payment: (user: string, orderId: string, token?: string) =>
      ask(
        user,
        `query($orderId: ID!) { answer: payment(orderId: $orderId) { orderId status price ${MONEY} } }`,
        { orderId },
        Payment.nullable(),
        token,
      ),
  }
}
export type Operations = ReturnType<typeof operations>
