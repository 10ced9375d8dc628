import type { UserId } from '../../domain/ids.ts'
import type { Sku } from '../../domain/product.ts'
import type { Decision, RefusedAnswer } from '../../eventstore/decision.ts'
import { fingerprint } from '../../eventstore/idempotency.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { answered } from '../../eventstore/requests.ts'
import type { IdempotencyConflict } from '../../eventstore/requests.ts'
import type { Writer } from '../../eventstore/transact.ts'
import { add, clear, remove, setQuantity } from './cart.ts'
import type { AddRefusal, Cart, Edit, Offer, SetQuantityRefusal } from './cart.ts'
import type { CartEvent } from './events.ts'
import type { Items } from './items.ts'

/** A cart as a command left it; `position` is where in the log that stands. */
export interface CartAnswer {
  readonly refused?: never
  readonly customerId: UserId
  readonly items: Items
  /** Revision of the event that the command caused; if there was nothing to change, of the cart's last one or −1. */
  readonly revision: number
  readonly position: bigint
}

interface Request {
  readonly customerId: UserId
  readonly idempotencyKey: string
}

interface ItemRequest extends Request {
  readonly sku: Sku
}

interface QuantityRequest extends ItemRequest {
  readonly quantity: number
}

export interface CartCommandOptions<Product> {
  readonly carts: Writer<Cart, CartEvent>
  /** Undefined if there is no such product. What it throws reaches the caller: a catalogue may be away. */
  readonly productOf: (sku: Sku) => Promise<Product | undefined>
  /** Pieces that can be reserved now; undefined for a product that stock does not limit. */
  readonly availableOf: (product: Product, cause: Cause) => Promise<number | undefined>
}

/**
 * What people can do to their carts. The same key with the same input answers as the first time. What the shop
 * has is looked up before the decision, and nothing is held back: only an order reserves.
 */
export const cartCommands = <Product>({ carts, productOf, availableOf }: CartCommandOptions<Product>) => {
  const offerOf = async (sku: Sku, cause: Cause): Promise<Offer | undefined> => {
    const product = await productOf(sku)
    return product && { available: await availableOf(product, cause) }
  }

  const isRepeated = async ({ customerId, idempotencyKey }: Request, cause: Cause): Promise<boolean> => {
    const { state } = await carts.transact(customerId, () => [], { cause })
    return answered(state.edits, idempotencyKey) !== undefined
  }

  /** What the shop offers, which does not matter to a repeated request: that has its answer when nobody knows. */
  const offerFor = async (request: ItemRequest, cause: Cause): Promise<Offer | undefined> => {
    try {
      return await offerOf(request.sku, cause)
    } catch (fault) {
      if (await isRepeated(request, cause)) return undefined
      throw fault
    }
  }

  const edit = async <R>(
    { customerId, idempotencyKey }: Request,
    decide: (cart: Cart) => Decision<CartEvent, R>,
    cause: Cause,
  ): Promise<CartAnswer | RefusedAnswer<R>> => {
    const { refused, state, position } = await carts.transact(customerId, decide, { cause })
    if (refused !== undefined) return { refused, position }
    const { items, revision } = answered(state.edits, idempotencyKey) ?? state
    return { customerId, items, revision, position }
  }

  return {
    addToCart: async (
      request: QuantityRequest,
      cause: Cause,
    ): Promise<CartAnswer | RefusedAnswer<AddRefusal>> => {
      const { sku, quantity } = request
      const by = editBy(request, 'addToCart', sku, quantity)
      return edit(request, add({ ...by, sku, quantity, offer: await offerFor(request, cause) }), cause)
    },

    setCartQuantity: async (
      request: QuantityRequest,
      cause: Cause,
    ): Promise<CartAnswer | RefusedAnswer<SetQuantityRefusal>> => {
      const { sku, quantity } = request
      const by = editBy(request, 'setCartQuantity', sku, quantity)
      return edit(
        request,
        setQuantity({ ...by, sku, quantity, offer: await offerFor(request, cause) }),
        cause,
      )
    },

    removeFromCart: (
      request: ItemRequest,
      cause: Cause,
    ): Promise<CartAnswer | RefusedAnswer<IdempotencyConflict>> => {
      const { sku } = request
      return edit(request, remove({ ...editBy(request, 'removeFromCart', sku), sku }), cause)
    },

    clearCart: (request: Request, cause: Cause): Promise<CartAnswer | RefusedAnswer<IdempotencyConflict>> =>
      edit(request, clear(editBy(request, 'clearCart')), cause),
  }
}
export type CartCommands = ReturnType<typeof cartCommands>

const editBy = (
  { customerId, idempotencyKey }: Request,
  ...input: readonly [command: string, ...(string | number)[]]
): Edit => ({ customerId, idempotencyKey, fingerprint: fingerprint(...input) })
