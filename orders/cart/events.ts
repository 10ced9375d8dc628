import { z } from 'zod'
import { OrderId, UserId } from '../../domain/ids.ts'
import { MAX_LINES, Quantity, Sku } from '../../domain/product.ts'
import { event } from '../../eventstore/catalogue.ts'
import type { EventOf } from '../../eventstore/catalogue.ts'
import { requestKeys } from '../../eventstore/requests.ts'

/** Pieces of one product. */
export const CartItem = z.object({ sku: Sku, quantity: Quantity })
export type CartItem = z.infer<typeof CartItem>

/** Whose cart it is, and by which request it was edited. */
const Edit = { customerId: UserId, ...requestKeys }

/** Events of `cart-<user id>`. `quantity` is what the cart holds of the product after the event. */
export const cartEvents = {
  CartItemAdded: event(z.object({ ...Edit, sku: Sku, added: Quantity, quantity: Quantity })),
  CartItemQuantitySet: event(z.object({ ...Edit, sku: Sku, quantity: Quantity })),
  CartItemRemoved: event(z.object({ ...Edit, sku: Sku })),
  CartCleared: event(z.object(Edit)),
  /** What was ordered left the cart; whatever was added since the order was made up is still there. */
  CartCheckedOut: event(
    z.object({
      customerId: UserId,
      orderId: OrderId,
      /** When the order was placed: by that time checkouts are remembered. */
      placedAt: z.iso.datetime(),
      lines: z.array(CartItem).min(1).max(MAX_LINES),
    }),
  ),
}
export type CartEvent = EventOf<typeof cartEvents>
