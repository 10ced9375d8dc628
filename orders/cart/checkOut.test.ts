import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cup, noon, teapot } from '../../domain/controls.ts'
import { OrderId, UserId } from '../../domain/ids.ts'
import type { Sku } from '../../domain/product.ts'
import { impossible, refuse } from '../../eventstore/decision.ts'
import { begin } from '../../eventstore/metadata.ts'
import { readForwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { add, cart, REMEMBERED_CHECKOUTS } from './cart.ts'
import type { OrderFromCart } from './cart.ts'
import { checkOuts } from './checkOut.ts'
import { by, checkedOutFor, fromCart } from './controls.ts'
import type { CartEvent } from './events.ts'
import { itemsAfter } from './items.ts'
import type { Items } from './items.ts'

const { client } = await startEventStore()
const cause = begin('request', 'somebody')

/** Each has a cache of its own, as another process has. */
const writer = () => writerOf(cart, { client, now: () => noon, newId: randomUUID })
const instance = () => checkOuts({ client, carts: writer() })

const eventsOf = async (customerId: UserId) => {
  const events: CartEvent[] = []
  for await (const event of readForwards(client, streamOf(cart, customerId), 0)) events.push(event)
  return events
}

/** Somebody with a cart, and an order side that keeps the first order of each key. */
const shopper = () => {
  const customerId = UserId.parse(randomUUID())
  const orders = new Map<string, OrderFromCart>()
  const answerFor = (order: OrderFromCart) => ({ order, position: 1n })
  const place = async (key: string, lines: Items) => {
    const order = orders.get(key) ?? {
      orderId: OrderId.parse(randomUUID()),
      customerId,
      placedAt: noon.toISOString(),
      lines,
    }
    orders.set(key, order)
    return answerFor(order)
  }
  const placedBefore = async (key: string) => {
    const order = orders.get(key)
    return order && answerFor(order)
  }
  return {
    customerId,
    orders,
    add: (sku: Sku, quantity: number) =>
      writer().transact(
        customerId,
        add({ ...by(randomUUID()), customerId, sku, quantity, offer: { available: undefined } }),
        { cause },
      ),
    /** The order side of a checkout under a key. */
    ordering: (key: string) => ({
      customerId,
      placedBefore: () => placedBefore(key),
      placeOrder: (lines: Items) => place(key, lines),
    }),
    /** The same, killed right after the order was placed. */
    dying: (key: string) => ({
      customerId,
      placedBefore: () => placedBefore(key),
      placeOrder: async (lines: Items) => {
        await place(key, lines)
        throw new Error('killed')
      },
    }),
    held: async () => (await eventsOf(customerId)).reduce(itemsAfter, []),
    checkouts: async () =>
      (await eventsOf(customerId)).filter(({ type }) => type === 'CartCheckedOut').length,
  }
}

const two = { sku: teapot, quantity: 2 }
const one = { sku: cup, quantity: 1 }

describe('a checkout', () => {
  it('makes an order of all that is in the cart, and empties it', async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    await ann.add(cup, 1)
    const { checkOut } = instance()
    expect(await checkOut(ann.ordering('key'), cause)).toMatchObject({ order: { lines: [two, one] } })
    expect(await ann.held()).toEqual([])
  })

  it('answers at a position at which the cart is empty', async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    const { position } = await instance().checkOut(ann.ordering('key'), cause)
    const last: bigint[] = []
    for await (const event of readForwards(client, streamOf(cart, ann.customerId), 1))
      last.push(event.position)
    expect(last).toEqual([position])
  })

  it('is refused for an empty cart', async () => {
    const ann = shopper()
    expect(await instance().checkOut(ann.ordering('key'), cause)).toMatchObject(
      refuse({ code: 'EMPTY_CART' }),
    )
    expect(ann.orders.size).toBe(0)
  })

  it('leaves the cart as it is when the order is refused', async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    const refusing = { ...ann.ordering('key'), placeOrder: async () => ({ refused: 'NO', position: 5n }) }
    expect(await instance().checkOut(refusing, cause)).toEqual({ refused: 'NO', position: 5n })
    expect(await ann.held()).toEqual([two])
  })

  it('answers with the first order when the same request comes again, and takes nothing more', async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    await instance().checkOut(ann.ordering('key'), cause)
    const order = ann.orders.get('key')
    expect(await instance().checkOut(ann.ordering('key'), cause)).toMatchObject({ order })
    await ann.add(teapot, 1)
    await ann.add(cup, 1)
    expect(await instance().checkOut(ann.ordering('key'), cause)).toMatchObject({ order })
    expect(await ann.held()).toEqual([{ sku: teapot, quantity: 1 }, one])
    expect(ann.orders.size).toBe(1)
  })

  it('happens once when the same request comes many times at once', async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => instance().checkOut(ann.ordering('key'), cause)),
    )
    const ids = answers.map((answer) => ('order' in answer ? answer.order.orderId : answer.refused))
    expect(new Set(ids).size).toBe(1)
    expect(await ann.checkouts()).toBe(1)
    expect(await ann.held()).toEqual([])
  })

  it('keeps what another device adds between the reading of the cart and its emptying', async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    const ordering = ann.ordering('key')
    const slow = {
      ...ordering,
      placeOrder: async (lines: Items) => {
        await ann.add(teapot, 3)
        await ann.add(cup, 1)
        return ordering.placeOrder(lines)
      },
    }
    expect(await instance().checkOut(slow, cause)).toMatchObject({ order: { lines: [two] } })
    expect(await ann.held()).toEqual([{ sku: teapot, quantity: 3 }, one])
  })
})

describe('a checkout that was killed after the order was placed', () => {
  const killed = async () => {
    const ann = shopper()
    await ann.add(teapot, 2)
    await expect(instance().checkOut(ann.dying('key'), cause)).rejects.toThrow('killed')
    expect(await ann.held()).toEqual([two])
    return { ann, order: ann.orders.get('key') ?? impossible('an order that was placed, and is not there') }
  }

  it('is finished by the same request', async () => {
    const { ann, order } = await killed()
    expect(await instance().checkOut(ann.ordering('key'), cause)).toMatchObject({ order })
    expect(await ann.held()).toEqual([])
  })

  it('is finished by the same request with the order that was placed, whatever is in the cart by then', async () => {
    const { ann, order } = await killed()
    await ann.add(teapot, 1)
    await ann.add(cup, 1)
    expect(await instance().checkOut(ann.ordering('key'), cause)).toMatchObject({ order })
    expect(await ann.held()).toEqual([{ sku: teapot, quantity: 1 }, one])
  })

  it('is finished by whoever reacts to the order, without anyone’s help', async () => {
    const { ann, order } = await killed()
    await instance().takeOrdered(order, cause)
    expect(await ann.held()).toEqual([])
    expect(await instance().checkOut(ann.ordering('key'), cause)).toMatchObject({ order })
    expect(await ann.checkouts()).toBe(1)
  })

  it('is finished once when both do so at the same time, and again', async () => {
    const { ann, order } = await killed()
    await ann.add(teapot, 2)
    const finish = () => [
      instance().checkOut(ann.ordering('key'), cause),
      instance().takeOrdered(order, cause),
      instance().takeOrdered(order, cause),
    ]
    await Promise.all([...finish(), ...finish()])
    await instance().takeOrdered(order, cause)
    expect(await ann.checkouts()).toBe(1)
    expect(await ann.held()).toEqual([two])
  })
})

describe('an order that is delivered again after its cart has forgotten it', () => {
  it('takes nothing more out, and one as old that was never delivered does so once', async () => {
    const customerId = UserId.parse(randomUUID())
    const order = (n: number) => ({ ...fromCart(n, one), customerId })
    const checkouts = Array.from({ length: 2 * REMEMBERED_CHECKOUTS + 10 }, (_, n) => order(n)).toSpliced(
      3,
      1,
    )
    await client.appendToStream(
      streamOf(cart, customerId).name,
      checkouts.map((each) => cart.codec.encode(checkedOutFor(each), randomUUID(), noon, cause)),
    )
    await instance().takeOrdered(order(1), cause)
    expect(await eventsOf(customerId)).toHaveLength(checkouts.length)
    const late = instance()
    await late.takeOrdered(order(3), cause)
    await late.takeOrdered(order(3), cause)
    await instance().takeOrdered(order(3), cause)
    expect((await eventsOf(customerId)).slice(checkouts.length)).toMatchObject([checkedOutFor(order(3))])
  })
})
