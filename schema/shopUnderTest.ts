import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { Product } from '../catalogue/product.ts'
import type { Catalogue } from '../catalogue/product.ts'
import type { UserId } from '../domain/ids.ts'
import { person } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

const MONEY = '{ amount currency }'
const CART = `id items { sku quantity product { name price ${MONEY} available } total ${MONEY} isAvailable }
  total ${MONEY} totals ${MONEY} isPriced isCatalogueAvailable revision consistencyToken`
const RECEIPT = `sku revision consistencyToken total { onHand reserved available }
  warehouses { warehouse onHand reserved available }`
const ORDER = `id status price ${MONEY} lines { sku quantity total ${MONEY} } consistencyToken`

const mutationOf = (field: string, success: string) => `mutation ($input: ${capital(field)}Input!) {
  answer: ${field}(input: $input) {
    __typename ${success}
    ... on Refusal { message }
    ${field.endsWith('ToCart') || field === 'setCartQuantity' ? '... on NotAvailable { sku available }' : ''}
  }
}`
const capital = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** The mutations of the shop, with all that they may answer. */
export const mutations = {
  addToCart: mutationOf('addToCart', `... on Cart { ${CART} }`),
  setCartQuantity: mutationOf('setCartQuantity', `... on Cart { ${CART} }`),
  removeFromCart: mutationOf('removeFromCart', `... on Cart { ${CART} }`),
  clearCart: mutationOf('clearCart', `... on Cart { ${CART} }`),
  checkout: mutationOf('checkout', `... on Order { ${ORDER} }`),
  receiveStock: mutationOf('receiveStock', `... on StockReceipt { ${RECEIPT} }`),
  correctStock: mutationOf('correctStock', `... on StockReceipt { ${RECEIPT} }`),
} as const

const Answered = z.object({ answer: z.looseObject({ __typename: z.string() }) })
const Token = z.object({ consistencyToken: z.string() })
const Cart = z.object({ cart: z.looseObject({ items: z.array(z.unknown()) }) })

/** The token of a mutation's answer. */
export const tokenIn = (answer: unknown): string => Token.parse(answer).consistencyToken

/** What somebody does in the shop, and what it is answered; every request has a key of its own unless one is given. */
export const shopper = (
  api: TestApi,
  user: UserId = person(),
  headers: Readonly<Record<string, string>> = {},
) => {
  const request = async (field: keyof typeof mutations, input: object) => {
    const { data, errors } = await api.ask(
      user,
      mutations[field],
      { input: { idempotencyKey: randomUUID(), ...input } },
      headers,
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return Answered.parse(data).answer
  }
  return {
    user,
    add: (sku: string, quantity = 1, more: object = {}) => request('addToCart', { sku, quantity, ...more }),
    set: (sku: string, quantity: number, more: object = {}) =>
      request('setCartQuantity', { sku, quantity, ...more }),
    remove: (sku: string, more: object = {}) => request('removeFromCart', { sku, ...more }),
    clear: (more: object = {}) => request('clearCart', more),
    checkout: (more: object = {}) => request('checkout', more),
    receive: (sku: string, quantity: number, more: object = {}) =>
      request('receiveStock', { sku, quantity, warehouse: 'north', ...more }),
    correct: (sku: string, onHand: number, more: object = {}) =>
      request('correctStock', { sku, onHand, warehouse: 'north', reason: 'counted', ...more }),

    /** The cart, at least as new as the token. */
    cart: async (token?: string) => {
      if (token !== undefined) await api.caughtUp(token)
      const { data, errors } = await api.ask(
        user,
        `{ cart { ${CART} } }`,
        {},
        {
          ...headers,
          ...(token !== undefined && { 'x-consistency-token': token }),
        },
      )
      if (errors) throw new Error(JSON.stringify(errors))
      return Cart.parse(data).cart
    },
  }
}

/** Somebody who may receive and correct stock. */
export const keeper = (api: TestApi) => shopper(api, person(), { 'x-user-role': 'ADMIN' })

/** A package, or limited goods. */
export const product = (sku: string, amount: number, { currency = 'EUR', isLimited = false } = {}): Product =>
  Product.parse({
    sku,
    name: `The ${sku}`,
    price: { amount, currency },
    category: 'things',
    image: `/${sku}.svg`,
    isLimited,
  })

/** A catalogue of what stands on a shelf at the moment: a test may change that. */
export const catalogueOf = (shelf: ReadonlyMap<string, Product>): Catalogue => {
  const now = () => builtInCatalogue([...shelf.values()])
  return {
    product: (sku, signal) => now().product(sku, signal),
    products: (skus, signal) => now().products(skus, signal),
    page: (request, signal) => now().page(request, signal),
  }
}

/** A cart with these pieces, whatever they cost. */
export const bare = (items: Readonly<Record<string, number>>) => ({
  items: Object.entries(items).map(([sku, quantity]) => ({ sku, quantity })),
})
