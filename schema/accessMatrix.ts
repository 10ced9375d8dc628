/** Who asks: Ann's things are asked for, whoever asks. */
export const WHO = ['nobody', 'Ann', 'another user', 'an admin'] as const
export type Who = (typeof WHO)[number]

/** How an operation answers: exactly as for what isn't there, or with the code of an error. */
export type Outcome = 'answered' | 'not there' | 'FORBIDDEN' | 'UNAUTHENTICATED'
export type Answers = Readonly<Record<Who, Outcome>>

/** What is asked for: of Ann's or, for comparison, of nobody's. */
export interface World {
  readonly order: string
  readonly topUp: string
  readonly user: string
  /** An idempotency key that was never used. */
  readonly key: () => string
}

export interface Row {
  /** The field of the schema, and which case of it if there are several. */
  readonly operation: string
  /** Its field, as it is asked for. */
  readonly ask: (world: World) => string
  readonly answers: Answers
}

/** Everybody has their own: what they are answered is of themselves. */
const theirOwn: Answers = {
  nobody: 'UNAUTHENTICATED',
  Ann: 'answered',
  'another user': 'answered',
  'an admin': 'answered',
}
const annAndAdmins: Answers = { ...theirOwn, 'another user': 'not there' }
const annAlone: Answers = { ...annAndAdmins, 'an admin': 'not there' }
const admins: Answers = { ...theirOwn, Ann: 'FORBIDDEN', 'another user': 'FORBIDDEN' }

const EUR = (amount: number) => `{ amount: ${amount}, currency: "EUR" }`
const LONG_AFTER = '"2999-01-01T00:00:00Z"'
const query = (operation: string, answers: Answers, ask: Row['ask']): Row => ({
  operation: `Query.${operation}`,
  ask,
  answers,
})
const mutation = (field: string, answers: Answers, input: (world: World) => string): Row => ({
  operation: `Mutation.${field}`,
  ask: (world) => `${field}(input: { ${input(world)} idempotencyKey: "${world.key()}" }) { __typename }`,
  answers,
})

/** Every query and every mutation: who may ask for it, and what the others are told. */
export const operations: readonly Row[] = [
  query('me', theirOwn, () => 'me { id }'),
  query('order', annAndAdmins, ({ order }) => `order(id: "${order}") { id }`),
  query('order, as it was', admins, ({ order }) => `order(id: "${order}", at: ${LONG_AFTER}) { id }`),
  query('orderHistory', annAndAdmins, ({ order }) => `orderHistory(id: "${order}") { text }`),
  query('payment', annAndAdmins, ({ order }) => `payment(orderId: "${order}") { status }`),
  query('orders', theirOwn, () => 'orders { edges { cursor } }'),
  query('allOrders', admins, () => 'allOrders { edges { cursor } }'),
  query(
    'allOrders, of somebody',
    admins,
    ({ user }) => `allOrders(filter: { customerId: "${user}" }) { edges { cursor } }`,
  ),
  query('wallet', annAndAdmins, ({ user }) => `wallet(userId: "${user}") { id }`),
  query('wallet, as it was', admins, ({ user }) => `wallet(userId: "${user}", at: ${LONG_AFTER}) { id }`),
  query('walletEntries', theirOwn, () => 'walletEntries { edges { cursor } }'),
  query('topUp', annAndAdmins, ({ topUp }) => `topUp(id: "${topUp}") { status }`),
  query('wallets', admins, () => 'wallets { edges { cursor } }'),
  query('products', theirOwn, () => 'products { edges { cursor } }'),
  query('product', theirOwn, () => 'product(sku: "compass") { sku available }'),
  query('stock', theirOwn, () => 'stock(sku: "compass") { available }'),
  query('stock, by warehouse', admins, () => 'stock(sku: "compass") { warehouses { warehouse } }'),
  query('stock, altogether', admins, () => 'stock(sku: "compass") { total { onHand } }'),
  query('cart', theirOwn, () => 'cart { id }'),
  query('notifications', theirOwn, () => 'notifications { edges { cursor } }'),
  query('stats', admins, () => 'stats { consistencyToken }'),
  query('projections', admins, () => 'projections { name }'),

  mutation('openWallet', theirOwn, () => 'currency: "EUR"'),
  mutation('deposit', theirOwn, () => `money: ${EUR(100)}`),
  // In another currency than their wallet's, so that no card processor is asked.
  mutation('topUpWallet', theirOwn, () => 'amount: { amount: 100, currency: "USD" },'),
  mutation('placeOrder', theirOwn, () => `price: ${EUR(100)}, description: "a book"`),
  mutation('cancelOrder', annAndAdmins, ({ order }) => `orderId: "${order}"`),
  mutation('refundOrder', admins, ({ order }) => `orderId: "${order}"`),
  mutation('createCardPayment', annAlone, ({ order }) => `orderId: "${order}"`),
  mutation('addToCart', theirOwn, () => 'sku: "compass", quantity: 1'),
  mutation('setCartQuantity', theirOwn, () => 'sku: "compass", quantity: 1'),
  mutation('removeFromCart', theirOwn, () => 'sku: "compass"'),
  mutation('checkout', theirOwn, () => ''),
  mutation('clearCart', theirOwn, () => ''),
  mutation('linkTelegram', theirOwn, () => ''),
  mutation('receiveStock', admins, () => 'sku: "compass", warehouse: "north", quantity: 1'),
  mutation('correctStock', admins, () => 'sku: "compass", warehouse: "north", onHand: 9, reason: "counted"'),
  mutation('rebuildProjection', admins, () => 'name: "carts", verify: true'),
]

/** Every subscription. */
export const subscriptions: readonly Row[] = [
  { operation: 'Subscription.myOrders', ask: () => 'myOrders { status }', answers: theirOwn },
  { operation: 'Subscription.walletBalance', ask: () => 'walletBalance { revision }', answers: theirOwn },
  {
    operation: 'Subscription.orderStatus',
    ask: ({ order }) => `orderStatus(orderId: "${order}") { status }`,
    answers: annAlone,
  },
]
