import { cartEvents } from '../orders/cart/events.ts'
import { itemsAfter } from '../orders/cart/items.ts'
import { CartView } from './documents.ts'
import { projection } from './projection.ts'

/** Everybody's cart. What its items cost now, and whether they are there, is asked when the cart is read. */
export const carts = projection({
  name: 'carts',
  version: 1,
  events: cartEvents,
  view: CartView,
  indexes: [],
  id: ({ data }) => data.customerId,
  begins: ({ revision }) => revision === 0,
  apply: (cart, event) => ({
    _id: event.data.customerId,
    items: [...itemsAfter(cart?.items ?? [], event)],
    revision: event.revision,
  }),
})
