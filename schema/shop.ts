import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Catalogue, Product } from '../catalogue/product.ts'
import { writerOf } from '../eventstore/transact.ts'
import { cart } from '../orders/cart/cart.ts'
import { checkOuts } from '../orders/cart/checkOut.ts'
import type { CheckOuts } from '../orders/cart/checkOut.ts'
import { cartCommands } from '../orders/cart/commands.ts'
import type { CartCommands } from '../orders/cart/commands.ts'
import { stockCommands } from '../orders/stock/commands.ts'
import type { StockCommands } from '../orders/stock/commands.ts'
import { stock } from '../orders/stock/stock.ts'

export interface ShopOptions {
  readonly client: EventStoreDBClient
  readonly catalogue: Catalogue
  readonly now: () => Date
  readonly newId: () => string
}

/** What people can do in the shop before there is an order. */
export interface Shop {
  readonly catalogue: Catalogue
  readonly stocks: StockCommands
  readonly carts: CartCommands
  readonly checkOuts: CheckOuts
}

/**
 * The shop's commands. A cart takes what the stock's own stream says is there: the read model is a moment behind, and
 * would refuse what was received, or offer what was reserved, a moment ago.
 */
export const shopOf = ({ catalogue, ...writing }: ShopOptions): Shop => {
  const carts = writerOf(cart, writing)
  const stocks = stockCommands(writerOf(stock, writing))
  return {
    catalogue,
    stocks,
    carts: cartCommands<Product>({
      carts,
      productOf: (sku) => catalogue.product(sku),
      availableOf: async ({ sku, isLimited }, cause) =>
        isLimited ? stocks.availableOf(sku, cause) : undefined,
    }),
    checkOuts: checkOuts({ client: writing.client, carts }),
  }
}
