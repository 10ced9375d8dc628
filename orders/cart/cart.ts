import type { OrderId, UserId } from '../../domain/ids.ts'
import { MAX_LINES, Quantity } from '../../domain/product.ts'
import type { Sku } from '../../domain/product.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { impossible, refuse } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { nothingRemembered } from '../../eventstore/remembered.ts'
import { decidingByKey, recordRequest } from '../../eventstore/requests.ts'
import type { IdempotencyConflict, Request, Requests } from '../../eventstore/requests.ts'
import type { Aggregate } from '../../eventstore/stream.ts'
import { decidingOnce, noVerdicts, recordVerdict, verdictOn } from '../../eventstore/verdicts.ts'
import type { Forgotten, Knowledge, Searched, Verdicts } from '../../eventstore/verdicts.ts'
import { cartEvents } from './events.ts'
import type { CartEvent } from './events.ts'
import { itemsAfter, quantityOf } from './items.ts'
import type { Items } from './items.ts'

/** Requests that a cart knows again by their key: at least this many, at most twice as many. */
export const REMEMBERED_REQUESTS = 500
/** Orders whose items a cart knows to have left it, without a search: at least this many, at most twice as many. */
export const REMEMBERED_CHECKOUTS = 500

/** A cart as a request left it, to answer that again. */
export interface Edited {
  readonly items: Items
  /** Revision of its event. */
  readonly revision: number
}

/** Nothing is reserved for a cart and nothing waits for it: one that is left behind costs nothing. */
export interface Cart {
  readonly items: Items
  /** Revision of the last event; −1 before the first. */
  readonly revision: number
  readonly edits: Requests<Edited>
  readonly checkouts: Verdicts<Taken>
}

/** The items of an order have left the cart. */
export interface Taken {
  readonly taken: true
}

const initial: Cart = {
  items: [],
  revision: -1,
  edits: nothingRemembered(),
  checkouts: noVerdicts(),
}

const evolve = (cart: Cart, event: CartEvent): Cart => {
  const items = itemsAfter(cart.items, event)
  const revision = cart.revision + 1
  if (event.type === 'CartCheckedOut') {
    const matter = matterOf(event.data)
    const checkouts = recordVerdict<Taken>(cart.checkouts, matter, { taken: true }, REMEMBERED_CHECKOUTS)
    return { ...cart, items, revision, checkouts }
  }
  const edits = recordRequest(cart.edits, event.data, { items, revision }, REMEMBERED_REQUESTS)
  return { ...cart, items, revision, edits }
}

/** Streams `cart-<user id>`: one cart per person. It goes on after a checkout, without what was ordered. */
export const cart: Aggregate<Cart, CartEvent> = {
  category: 'cart',
  codec: codecOf(cartEvents),
  initial,
  evolve,
}

/** Who edits which cart, by which request. */
export interface Edit extends Request {
  readonly customerId: UserId
}

/** A request that has changed the cart changes it no more when it comes again, whatever other devices did since. */
const once =
  <R>(edit: Edit, decide: (cart: Cart) => Decision<CartEvent, R>) =>
  (cart: Cart): Decision<CartEvent, R | IdempotencyConflict> =>
    decidingByKey(cart.edits, edit, () => decide(cart))

/** How many pieces of a product the shop has at the moment; undefined where stock does not limit it. */
export interface Offer {
  readonly available: number | undefined
}

type NotOffered =
  { readonly code: 'UNKNOWN_PRODUCT' } | { readonly code: 'NOT_AVAILABLE'; readonly available: number }

interface OutOfRange {
  readonly code: 'QUANTITY_OUT_OF_RANGE'
}

/** Why the shop can't offer so many pieces; it has no such product at all without an offer. */
const obstacle = (offer: Offer | undefined, quantity: number): NotOffered | undefined => {
  if (!offer) return { code: 'UNKNOWN_PRODUCT' }
  const { available } = offer
  return available !== undefined && quantity > available ? { code: 'NOT_AVAILABLE', available } : undefined
}

const isQuantity = (pieces: number): boolean => Quantity.safeParse(pieces).success

export type AddRefusal = NotOffered | OutOfRange | { readonly code: 'TOO_MANY_LINES' } | IdempotencyConflict

/** Puts pieces of a product into the cart, beside those that it holds. Source: the pieces to add. */
export const add = (input: Edit & { sku: Sku; quantity: number; offer: Offer | undefined }) => {
  const { sku, quantity: added, offer, ...edit } = input
  return once<AddRefusal>(edit, ({ items }) => {
    const held = quantityOf(items, sku)
    const quantity = held + added
    if (!isQuantity(added) || !isQuantity(quantity)) return refuse({ code: 'QUANTITY_OUT_OF_RANGE' })
    const inTheWay = obstacle(offer, quantity)
    if (inTheWay) return refuse(inTheWay)
    if (held === 0 && items.length >= MAX_LINES) return refuse({ code: 'TOO_MANY_LINES' })
    return [{ type: 'CartItemAdded', data: { ...edit, sku, added, quantity } }]
  })
}

export type SetQuantityRefusal =
  NotOffered | OutOfRange | { readonly code: 'NOT_IN_CART' } | IdempotencyConflict

/** Holds so many pieces of a product from now on. Fewer are always possible, even of what is not offered any more. */
export const setQuantity = (input: Edit & { sku: Sku; quantity: number; offer: Offer | undefined }) => {
  const { sku, quantity, offer, ...edit } = input
  return once<SetQuantityRefusal>(edit, ({ items }) => {
    if (!isQuantity(quantity)) return refuse({ code: 'QUANTITY_OUT_OF_RANGE' })
    const held = quantityOf(items, sku)
    if (held === 0) return refuse({ code: 'NOT_IN_CART' })
    if (held === quantity) return []
    const inTheWay = quantity > held ? obstacle(offer, quantity) : undefined
    if (inTheWay) return refuse(inTheWay)
    return [{ type: 'CartItemQuantitySet', data: { ...edit, sku, quantity } }]
  })
}

/** Takes a product out of the cart. */
export const remove = ({ sku, ...edit }: Edit & { sku: Sku }) =>
  once<never>(edit, ({ items }) =>
    quantityOf(items, sku) === 0 ? [] : [{ type: 'CartItemRemoved', data: { ...edit, sku } }],
  )

/** Takes everything out of the cart. */
export const clear = (edit: Edit) =>
  once<never>(edit, ({ items }) => (items.length === 0 ? [] : [{ type: 'CartCleared', data: edit }]))

export interface EmptyCart {
  readonly code: 'EMPTY_CART'
}

/** Asks whether there is anything to order; the order comes before the cart is checked out. */
export const checkOut =
  () =>
  ({ items }: Cart): Decision<never, EmptyCart> =>
    items.length === 0 ? refuse({ code: 'EMPTY_CART' }) : []

/** An order that was made up of a cart's items, as far as the cart must know it. */
export interface OrderFromCart {
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly placedAt: string
  readonly lines: Items
}

type Placed = Pick<OrderFromCart, 'orderId' | 'placedAt'>

const matterOf = ({ orderId, placedAt }: Placed) => ({ id: orderId, at: placedAt })

/** What a cart knows of an order that was made up of its items. */
export const checkoutOf = (
  { checkouts }: Cart,
  order: Placed,
  searched?: Searched<Taken>,
): Knowledge<Taken> => verdictOn(checkouts, matterOf(order), searched)

/**
 * What was ordered leaves the cart, once for an order, whoever finds out that it was placed. More than the order's
 * lines never leaves it, so what another device adds meanwhile stays.
 */
export const checkedOut =
  (order: OrderFromCart, searched?: Searched<Taken>) =>
  (cart: Cart): Decision<CartEvent, Forgotten> =>
    decidingOnce(checkoutOf(cart, order, searched), (): readonly CartEvent[] => {
      const { orderId, customerId, placedAt } = order
      if (order.lines.length === 0) return impossible(`order ${orderId} came from a cart, and has no lines`)
      const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }))
      return [{ type: 'CartCheckedOut', data: { customerId, orderId, placedAt, lines } }]
    })
