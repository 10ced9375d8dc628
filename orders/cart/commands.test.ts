import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cup, noon, teapot } from '../../domain/controls.ts'
import { UserId } from '../../domain/ids.ts'
import { Sku } from '../../domain/product.ts'
import { begin } from '../../eventstore/metadata.ts'
import { readForwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { cart } from './cart.ts'
import { cartCommands } from './commands.ts'
import type { CartEvent } from './events.ts'

const { client } = await startEventStore()
const cause = begin('request', 'somebody')

const goods = { limited: true }
const plan = { limited: false }
const basic = Sku.parse('basic')
const shelf = new Map([
  [teapot, goods],
  [cup, goods],
  [basic, plan],
])

/** A device: commands on a writer of its own, as those of another process are. */
const device = ({ stock = 1_000 } = {}) =>
  cartCommands({
    carts: writerOf(cart, { client, now: () => noon, newId: randomUUID }),
    productOf: async (sku) => shelf.get(sku),
    availableOf: async ({ limited }) => (limited ? stock : undefined),
  })

const person = () => UserId.parse(randomUUID())
const eventsOf = async (customerId: UserId) => {
  const events: CartEvent['type'][] = []
  for await (const { type } of readForwards(client, streamOf(cart, customerId), 0)) events.push(type)
  return events
}

/** Somebody's requests, each under a key of its own unless one is given. */
const requests = (customerId = person()) => ({
  customerId,
  one: (sku: Sku, quantity: number, idempotencyKey: string = randomUUID()) => ({
    customerId,
    sku,
    quantity,
    idempotencyKey,
  }),
})

describe('the commands of a cart', () => {
  it('answer with what it holds then, and where in the log that stands', async () => {
    const { customerId, one } = requests()
    const { addToCart, setCartQuantity, removeFromCart, clearCart } = device()
    const key = () => ({ customerId, idempotencyKey: randomUUID() })
    const added = await addToCart(one(teapot, 2), cause)
    expect(added).toMatchObject({ customerId, items: [{ sku: teapot, quantity: 2 }], revision: 0 })
    await addToCart(one(cup, 1), cause)
    const both = [
      { sku: teapot, quantity: 7 },
      { sku: cup, quantity: 1 },
    ]
    const changed = await setCartQuantity(one(teapot, 7), cause)
    expect(changed).toMatchObject({ items: both, revision: 2 })
    expect(changed.position).toBeGreaterThan(added.position)
    const removed = await removeFromCart({ ...key(), sku: teapot }, cause)
    expect(removed).toMatchObject({ items: [{ sku: cup, quantity: 1 }], revision: 3 })
    const cleared = await clearCart(key(), cause)
    expect(cleared).toMatchObject({ items: [], revision: 4 })
    expect(await clearCart(key(), cause)).toEqual(cleared)
    expect(await eventsOf(customerId)).toEqual([
      'CartItemAdded',
      'CartItemAdded',
      'CartItemQuantitySet',
      'CartItemRemoved',
      'CartCleared',
    ])
  })

  it('answer a repeated request as the first time, whatever happened since, also after a restart', async () => {
    const { customerId, one } = requests()
    const first = await device().addToCart(one(teapot, 2, 'key'), cause)
    await device().setCartQuantity(one(teapot, 5), cause)
    const { position, ...again } = await device().addToCart(one(teapot, 2, 'key'), cause)
    expect({ ...again, position: first.position }).toEqual(first)
    expect(position).toBeGreaterThan(first.position)
    expect(await eventsOf(customerId)).toEqual(['CartItemAdded', 'CartItemQuantitySet'])
  })

  it('answer a repeated request as the first time, too, when the product has gone since', async () => {
    const { one } = requests()
    const retired = Sku.parse('retired')
    shelf.set(retired, goods)
    const first = await device().addToCart(one(retired, 2, 'key'), cause)
    shelf.delete(retired)
    expect(await device().addToCart(one(retired, 2, 'key'), cause)).toEqual(first)
  })

  it('refuse a key that was used for something else', async () => {
    const { customerId, one } = requests()
    const { addToCart, removeFromCart } = device()
    await addToCart(one(teapot, 2, 'key'), cause)
    const conflict = { refused: { code: 'IDEMPOTENCY_CONFLICT' } }
    expect(await addToCart(one(teapot, 3, 'key'), cause)).toMatchObject(conflict)
    expect(await addToCart(one(cup, 2, 'key'), cause)).toMatchObject(conflict)
    expect(await removeFromCart({ customerId, sku: teapot, idempotencyKey: 'key' }, cause)).toMatchObject(
      conflict,
    )
  })

  it('take no more of goods than are available, and any number of what stock does not limit', async () => {
    const { one } = requests()
    const { addToCart, setCartQuantity } = device({ stock: 3 })
    await addToCart(one(teapot, 2), cause)
    const refused = { refused: { code: 'NOT_AVAILABLE', available: 3 } }
    expect(await addToCart(one(teapot, 2), cause)).toMatchObject(refused)
    expect(await setCartQuantity(one(teapot, 4), cause)).toMatchObject(refused)
    expect(await addToCart(one(basic, 4), cause)).toMatchObject({ items: [{ quantity: 2 }, { quantity: 4 }] })
  })

  it('know no product but the catalogue’s', async () => {
    const { customerId, one } = requests()
    expect(await device().addToCart(one(Sku.parse('no-such-thing'), 1), cause)).toMatchObject({
      refused: { code: 'UNKNOWN_PRODUCT' },
    })
    expect(await eventsOf(customerId)).toEqual([])
  })

  it('fail as the catalogue does, and change nothing then', async () => {
    const { customerId, one } = requests()
    const away = new Error('the catalogue is away')
    const { addToCart } = cartCommands({
      carts: writerOf(cart, { client, now: () => noon, newId: randomUUID }),
      productOf: () => Promise.reject(away),
      availableOf: async () => undefined,
    })
    await expect(addToCart(one(teapot, 1), cause)).rejects.toBe(away)
    expect(await eventsOf(customerId)).toEqual([])
  })
})

describe('two devices that edit one cart at once', () => {
  it('both count', async () => {
    const { customerId, one } = requests()
    const [phone, laptop] = [device(), device()]
    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        await Promise.all([
          phone.addToCart(one(teapot, 1), cause),
          laptop.addToCart(one(n % 2 === 0 ? teapot : cup, 2), cause),
        ])
      }),
    )
    const held = await device().clearCart({ customerId, idempotencyKey: 'clear' }, cause)
    expect(held).toMatchObject({ items: [], revision: 60 })
    const amounts = new Map<Sku, number>()
    for await (const { type, data } of readForwards(client, streamOf(cart, customerId), 0))
      if (type === 'CartItemAdded') amounts.set(data.sku, data.quantity)
    expect(amounts).toEqual(
      new Map([
        [teapot, 60],
        [cup, 30],
      ]),
    )
  })
})
