import type { YogaServerOptions } from 'graphql-yoga'
import type { Access } from '../access/access.ts'
import type { ApiContext } from './context.ts'

/** How somebody says who they are. */
const YOU = {
  header: 'You are the user whose id stands under "Headers" below.',
  jwt: 'You are whoever signed in at /auth/google?return_to=/graphql, or whose token stands under "Headers" below.',
} as const

const welcome = (you: string) => `# Counterfoil: orders and payments as an append-only record.
# ${you}

mutation OpenWallet {
  openWallet(input: { currency: "EUR", idempotencyKey: "my-wallet" }) {
    ... on Wallet { balance { amount currency } consistencyToken }
    ... on Refusal { message }
  }
}

mutation Deposit {
  deposit(input: { money: { amount: 10000, currency: "EUR" }, idempotencyKey: "my-first-deposit" }) {
    ... on Wallet { balance { amount currency } }
    ... on Refusal { message }
  }
}

mutation PlaceOrder {
  placeOrder(input: {
    price: { amount: 2999, currency: "EUR" }
    description: "A book"
    idempotencyKey: "my-first-order"
  }) {
    ... on Order { id status }
    ... on Refusal { message }
  }
}

query Orders {
  orders(first: 10) { edges { node { id status price { amount currency } failure { message } } } }
}

subscription Watch {
  myOrders { orderId status failure { message } at }
}
`

export type GraphiQL = Pick<YogaServerOptions<ApiContext, object>, 'graphiql' | 'renderGraphiQL'>

/** GraphiQL for browsers, served from its package: it works without the internet. */
export const graphiql = (mode: Access['mode'], newId: () => string): GraphiQL => ({
  graphiql: () => ({
    title: 'Counterfoil',
    defaultQuery: welcome(YOU[mode]),
    headers: JSON.stringify(mode === 'header' ? { 'X-User-ID': newId() } : {}, undefined, 2),
  }),
  // Nine megabytes, read when somebody opens the page first.
  renderGraphiQL: async (options) => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
    return renderGraphiQL(options)
  },
})
