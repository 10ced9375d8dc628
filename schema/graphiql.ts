import type { YogaServerOptions } from 'graphql-yoga'
import type { ApiContext } from './context.ts'

const welcome = `# Counterfoil: orders and payments as an append-only record.
# You are the user whose id stands under "Headers" below.

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

/** GraphiQL for browsers, served from its package: it works without the internet. */
export const graphiql = (
  newId: () => string,
): Pick<YogaServerOptions<ApiContext, object>, 'graphiql' | 'renderGraphiQL'> => ({
  graphiql: () => ({
    title: 'Counterfoil',
    defaultQuery: welcome,
    headers: JSON.stringify({ 'X-User-ID': newId() }, undefined, 2),
  }),
  // Nine megabytes, read when somebody opens the page first.
  renderGraphiQL: async (options) => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
    return renderGraphiQL(options)
  },
})
