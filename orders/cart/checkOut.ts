import type { EventStoreDBClient } from '@eventstore/db-client'
import type { UserId } from '../../domain/ids.ts'
import { decideOnce, newestAbout } from '../../eventstore/decideOnce.ts'
import type { RefusedAnswer } from '../../eventstore/decision.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { streamOf } from '../../eventstore/stream.ts'
import type { Writer } from '../../eventstore/transact.ts'
import { cart, checkedOut, checkOut, checkoutOf } from './cart.ts'
import type { Cart, EmptyCart, OrderFromCart, Taken } from './cart.ts'
import type { CartEvent } from './events.ts'
import type { Items } from './items.ts'

/** An order that was placed; `position` is where in the log that stands. */
export interface PlacedOrder<Order> {
  readonly refused?: never
  readonly order: Order
  readonly position: bigint
}

/** The order side of one checkout: the order's id follows from the customer and the request's key. */
export interface Checkout<Order extends OrderFromCart, R> {
  readonly customerId: UserId
  /** The order that the same request made before; refused if another one made it; undefined if there is none. */
  readonly placedBefore: () => Promise<PlacedOrder<Order> | RefusedAnswer<R> | undefined>
  /** Places the order. Two requests may do so at once: both are answered with the one that was first. */
  readonly placeOrder: (lines: Items) => Promise<PlacedOrder<Order> | RefusedAnswer<R>>
}

export interface CheckOutOptions {
  readonly client: EventStoreDBClient
  readonly carts: Writer<Cart, CartEvent>
}

/**
 * Makes an order of a cart, and then empties the cart of it. A crash between the two is repaired by whichever comes
 * first: the same request again, or the reaction to the order, which does `takeOrdered`.
 */
export const checkOuts = ({ client, carts }: CheckOutOptions) => {
  const search = async ({ orderId, customerId, placedAt }: OrderFromCart): Promise<Taken | undefined> => {
    const isAbout = ({ type, data }: CartEvent) => type === 'CartCheckedOut' && data.orderId === orderId
    const found = await newestAbout(client, streamOf(cart, customerId), placedAt, isAbout)
    return found && { taken: true }
  }

  /** Takes out of the cart what was ordered, once for an order; answers the position at which it is out. */
  const takeOrdered = async (order: OrderFromCart, cause: Cause): Promise<bigint> => {
    let position = 0n
    await decideOnce({
      decide: async (searched) => {
        const outcome = await carts.transact(order.customerId, checkedOut(order, searched), { cause })
        ;({ position } = outcome)
        return outcome
      },
      known: (cart, searched) => checkoutOf(cart, order, searched),
      search: () => search(order),
    })
    return position
  }

  return {
    takeOrdered,

    checkOut: async <Order extends OrderFromCart, R>(
      { customerId, placedBefore, placeOrder }: Checkout<Order, R>,
      cause: Cause,
    ): Promise<PlacedOrder<Order> | RefusedAnswer<R | EmptyCart>> => {
      // First the cart, then the order: if the cart is empty because this was done before, the order is there.
      const { refused, state, position } = await carts.transact(customerId, checkOut(), { cause })
      const placed =
        (await placedBefore()) ?? (refused ? { refused, position } : await placeOrder(state.items))
      if (!('order' in placed)) return placed
      return { order: placed.order, position: await takeOrdered(placed.order, cause) }
    },
  }
}
export type CheckOuts = ReturnType<typeof checkOuts>
