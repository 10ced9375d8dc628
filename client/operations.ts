import { z } from 'zod'
import type { HttpClient } from './http.ts'

/** The operations that demo, benchmark and tests use, with what they answer. */

const Money = z.object({ amount: z.int(), currency: z.string() })
const Refusal = z.object({ message: z.string() })

const Wallet = z.object({
  __typename: z.literal('Wallet'),
  balance: Money,
  consistencyToken: z.string(),
})

const refused = <const T extends string>(...names: readonly T[]) =>
  Refusal.extend({ __typename: z.enum(names) })

const OpenWalletResult = z.union([Wallet, refused('WalletExists', 'IdempotencyConflict')])
const DepositResult = z.union([
  Wallet,
  refused('NoWallet', 'WrongCurrency', 'AmountOutOfRange', 'IdempotencyConflict'),
])

export const OrderStatus = z.enum(['NEW', 'AWAITING_PAYMENT', 'PAID', 'FAILED', 'CANCELLED', 'REFUNDED'])
export type OrderStatus = z.infer<typeof OrderStatus>

const Order = z.object({
  __typename: z.literal('Order'),
  id: z.string(),
  status: OrderStatus,
  price: Money,
  consistencyToken: z.string(),
})
const PlaceOrderResult = z.union([Order, refused('AmountOutOfRange', 'IdempotencyConflict')])

const WALLET =
  '__typename ... on Refusal { message } ... on Wallet { balance { amount currency } consistencyToken }'
const ORDER =
  '__typename ... on Refusal { message } ... on Order { id status price { amount currency } consistencyToken }'

export const operations = (client: HttpClient) => ({
  openWallet: async (user: string, currency: string, idempotencyKey: string) => {
    const query = `mutation($input: OpenWalletInput!) { openWallet(input: $input) { ${WALLET} } }`
    const data = z.object({ openWallet: OpenWalletResult })
    const variables = { input: { currency, idempotencyKey } }
    return (await client.ask({ user, query, variables, data })).openWallet
  },

  deposit: async (user: string, money: z.infer<typeof Money>, idempotencyKey: string) => {
    const query = `mutation($input: DepositInput!) { deposit(input: $input) { ${WALLET} } }`
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
    const query = `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ${ORDER} } }`
    const data = z.object({ placeOrder: PlaceOrderResult })
    return (await client.ask({ user, query, variables: { input: order }, data })).placeOrder
  },

  orderStatus: async (
    user: string,
    id: string,
    consistencyToken?: string,
  ): Promise<OrderStatus | undefined> => {
    const query = 'query($id: ID!) { order(id: $id) { status } }'
    const data = z.object({ order: z.object({ status: OrderStatus }).nullable() })
    const asked = { user, query, variables: { id }, data, ...(consistencyToken ? { consistencyToken } : {}) }
    return (await client.ask(asked)).order?.status
  },
})
export type Operations = ReturnType<typeof operations>
