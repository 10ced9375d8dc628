import { ann, noon, orderId, teapot } from '../../domain/controls.ts'
import type { Sku } from '../../domain/product.ts'
import type { OrderFromCart } from './cart.ts'
import type { CartEvent, CartItem } from './events.ts'

type Of<T extends CartEvent['type']> = Extract<CartEvent, { type: T }>

/** Ann's request under a key, as a cart remembers it. */
export const by = (idempotencyKey: string, fingerprint = idempotencyKey) => ({
  customerId: ann,
  idempotencyKey,
  fingerprint,
})

/** A cart's events in one word, for tests. */
export const itemAdded = (
  sku: Sku = teapot,
  added = 1,
  quantity = added,
  key = `add ${added} ${sku}`,
): Of<'CartItemAdded'> => ({
  type: 'CartItemAdded',
  data: { ...by(key, `add ${added} ${sku}`), sku, added, quantity },
})

export const quantitySet = (
  sku: Sku,
  quantity: number,
  key = `set ${quantity} ${sku}`,
): Of<'CartItemQuantitySet'> => ({
  type: 'CartItemQuantitySet',
  data: { ...by(key, `set ${quantity} ${sku}`), sku, quantity },
})

export const itemRemoved = (sku: Sku, key = `remove ${sku}`): Of<'CartItemRemoved'> => ({
  type: 'CartItemRemoved',
  data: { ...by(key, `remove ${sku}`), sku },
})

export const cleared = (key = 'clear'): Of<'CartCleared'> => ({ type: 'CartCleared', data: by(key, 'clear') })

/** The n-th order of what was in Ann's cart, placed n milliseconds after noon. */
export const fromCart = (n: number, ...lines: readonly CartItem[]): OrderFromCart => ({
  orderId: orderId(n),
  customerId: ann,
  placedAt: new Date(noon.getTime() + n).toISOString(),
  lines,
})

export const checkedOutFor = ({ lines, ...order }: OrderFromCart): Of<'CartCheckedOut'> => ({
  type: 'CartCheckedOut',
  data: { ...order, lines: [...lines] },
})
