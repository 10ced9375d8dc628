import { z } from 'zod'
import type { HttpClient } from './http.ts'
import { OrderStatus } from './operations.ts'

/** The shop's operations that the demo uses, with what they answer. */

const Money = z.object({ amount: z.int(), currency: z.string() })

const Product = z.object({ sku: z.string(), price: Money, isLimited: z.boolean() })
export type Product = z.infer<typeof Product>

const Order = z.object({
  id: z.string(),
  status: OrderStatus,
  price: Money,
  refunded: Money.nullable(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
  consistencyToken: z.string(),
})
export type ShopOrder = z.infer<typeof Order>

const Level = z.object({
  onHand: z.int(),
  reserved: z.int(),
  available: z.int(),
  received: z.int(),
  corrected: z.int(),
  writtenOff: z.int(),
})
const Stock = z.object({
  sku: z.string(),
  total: Level,
  warehouses: z.array(Level.extend({ warehouse: z.string() })),
})
export type Stock = z.infer<typeof Stock>

const Refusal = z.object({ __typename: z.string(), message: z.string() })
export type Refusal = z.infer<typeof Refusal>

const accepted = <S extends z.ZodRawShape>(name: string, shape: z.ZodObject<S>) =>
  shape.extend({ __typename: z.literal(name), message: z.undefined().optional() })

const ORDER =
  'id status price { amount currency } refunded { amount currency } lines { sku quantity } consistencyToken'
const LEVEL = 'onHand reserved available received corrected writtenOff'
const PAGE = 100

/** So many pieces of a product. */
export interface Wanted {
  readonly sku: string
  readonly quantity: number
}

export const shop = (client: HttpClient) => {
  const mutate = async <T>(
    who: { readonly user: string; readonly role?: 'ADMIN' },
    name: string,
    input: Readonly<Record<string, unknown>>,
    fields: string,
    answer: z.ZodType<T>,
  ): Promise<T> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
    const query = `mutation($input: ${type}!) {
      answer: ${name}(input: $input) { __typename ... on Refusal { message } ${fields} }
    }`
    return (await client.ask({ ...who, query, variables: { input }, data: z.object({ answer }) })).answer
  }
  const orderOrRefusal = z.union([accepted('Order', Order), Refusal])
  const asOrder = `... on Order { ${ORDER} }`
  const cartOrRefusal = z.union([accepted('Cart', z.object({ consistencyToken: z.string() })), Refusal])

  return {
    /** The whole catalogue. */
    products: async (user: string): Promise<readonly Product[]> => {
      const query = `query($after: String) { products(first: ${PAGE}, after: $after) {
        edges { node { sku price { amount currency } isLimited } } pageInfo { hasNextPage endCursor }
      } }`
      const data = z.object({
        products: z.object({
          edges: z.array(z.object({ node: Product })),
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
        }),
      })
      const all: Product[] = []
      for (let after: string | null | undefined = null; after !== undefined;) {
        const { edges, pageInfo }: z.infer<typeof data>['products'] = (
          await client.ask({ user, query, variables: { after }, data })
        ).products
        all.push(...edges.map(({ node }) => node))
        after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined
      }
      return all
    },

    receiveStock: (
      admin: string,
      input: Wanted & { readonly warehouse: string; readonly idempotencyKey: string },
    ) =>
      mutate(
        { user: admin, role: 'ADMIN' },
        'receiveStock',
        { ...input },
        '... on StockReceipt { consistencyToken }',
        z.union([accepted('StockReceipt', z.object({ consistencyToken: z.string() })), Refusal]),
      ),

    /** Null if there has never been any. */
    stock: async (admin: string, sku: string, token?: string): Promise<Stock | null> => {
      const query = `query($sku: ID!) {
        stock(sku: $sku) { sku total { ${LEVEL} } warehouses { warehouse ${LEVEL} } }
      }`
      const data = z.object({ stock: Stock.nullable() })
      const asked = { user: admin, role: 'ADMIN', query, variables: { sku }, data } as const
      return (await client.ask(token === undefined ? asked : { ...asked, consistencyToken: token })).stock
    },

    addToCart: (user: string, input: Wanted & { readonly idempotencyKey: string }) =>
      mutate({ user }, 'addToCart', { ...input }, '... on Cart { consistencyToken }', cartOrRefusal),

    checkout: (user: string, idempotencyKey: string) =>
      mutate({ user }, 'checkout', { idempotencyKey }, asOrder, orderOrRefusal),

    placeOrder: (user: string, lines: readonly Wanted[], idempotencyKey: string) =>
      mutate({ user }, 'placeOrder', { lines, idempotencyKey }, asOrder, orderOrRefusal),

    cancelOrder: (user: string, orderId: string) =>
      mutate({ user }, 'cancelOrder', { orderId, idempotencyKey: 'cancel' }, asOrder, orderOrRefusal),

    /** Without an amount: all that remains. */
    refundOrder: (
      admin: string,
      input: {
        readonly orderId: string
        readonly amount?: z.infer<typeof Money>
        readonly idempotencyKey: string
      },
    ) => mutate({ user: admin, role: 'ADMIN' }, 'refundOrder', { ...input }, asOrder, orderOrRefusal),

    order: async (user: string, id: string, token?: string): Promise<ShopOrder | null> => {
      const query = `query($id: ID!) { order(id: $id) { ${ORDER} } }`
      const asked = { user, query, variables: { id }, data: z.object({ order: Order.nullable() }) }
      return (await client.ask(token === undefined ? asked : { ...asked, consistencyToken: token })).order
    },
  }
}
export type Shop = ReturnType<typeof shop>
