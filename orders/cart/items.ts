import type { Sku } from '../../domain/product.ts'
import type { CartEvent, CartItem } from './events.ts'

/** What a cart holds, in the order in which the products were first added; each product once. */
export type Items = readonly CartItem[]

/** Pieces of a product; 0 if it isn't there. */
export const quantityOf = (items: Items, sku: Sku): number =>
  items.find((item) => item.sku === sku)?.quantity ?? 0

/** The items after an event. The read model folds them by this too, so a change here is a new version of that. */
export const itemsAfter = (items: Items, { type, data }: CartEvent): Items => {
  switch (type) {
    case 'CartItemAdded':
    case 'CartItemQuantitySet':
      return put(items, data)
    case 'CartItemRemoved':
      return without(items, data.sku)
    case 'CartCleared':
      return []
    case 'CartCheckedOut':
      return data.lines.reduce(take, items)
    default:
      return type satisfies never
  }
}

const put = (items: Items, { sku, quantity }: CartItem): Items =>
  quantityOf(items, sku) === 0
    ? [...items, { sku, quantity }]
    : items.map((item) => (item.sku === sku ? { sku, quantity } : item))

const without = (items: Items, sku: Sku): Items => items.filter((item) => item.sku !== sku)

const take = (items: Items, { sku, quantity }: CartItem): Items => {
  const left = quantityOf(items, sku) - quantity
  return left > 0 ? put(items, { sku, quantity: left }) : without(items, sku)
}
