import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ann, bob, cup, teapot } from '../domain/controls.ts'
import type { UserId } from '../domain/ids.ts'
import type { Sku } from '../domain/product.ts'
import { writerOf } from '../eventstore/transact.ts'
import { cart } from '../orders/cart/cart.ts'
import { checkOuts } from '../orders/cart/checkOut.ts'
import { cartCommands } from '../orders/cart/commands.ts'
import {
  checkedOutFor,
  cleared,
  fromCart,
  itemAdded,
  itemRemoved,
  quantitySet,
} from '../orders/cart/controls.ts'
import type { CartEvent } from '../orders/cart/events.ts'
import { startNodes } from '../tests/startNodes.ts'
import { projections } from './all.ts'
import { CartDocument } from './documents.ts'
import type { CartView } from './documents.ts'
import { readModels } from './readModels.ts'
import { projecting, recorded } from './scenario.ts'
import { cause, documentsOf, now, person, readSide } from './underTest.ts'

const { given } = projecting(projections.carts)
const item = (sku: Sku, quantity: number) => ({ sku, quantity })

describe('a cart', () => {
  const shows = (events: readonly CartEvent[], ...items: CartView['items']) =>
    given(...recorded(`cart-${ann}`, events)).then({ _id: ann, items, revision: events.length - 1 })

  it('shows what was added, in that order', () =>
    shows([itemAdded(teapot, 2), itemAdded(cup), itemAdded(teapot, 3, 5)], item(teapot, 5), item(cup, 1)))
  it('shows a quantity that was set', () =>
    shows([itemAdded(teapot, 2), quantitySet(teapot, 7)], item(teapot, 7)))
  it('shows nothing of what was removed', () =>
    shows([itemAdded(teapot, 2), itemAdded(cup), itemRemoved(teapot)], item(cup, 1)))
  it('is shown empty after it was cleared', () => shows([itemAdded(teapot, 2), itemAdded(cup), cleared()]))
  it('is shown empty after a checkout', () =>
    shows([itemAdded(teapot, 2), checkedOutFor(fromCart(1, item(teapot, 2)))]))
  it('shows after a checkout what was added since the order was made up', () =>
    shows(
      [itemAdded(teapot, 2), itemAdded(teapot, 3, 5), checkedOutFor(fromCart(1, item(teapot, 2)))],
      item(teapot, 3),
    ))
  it('belongs to one person each', () => {
    const { type, data } = itemAdded(cup)
    const hers = recorded(`cart-${ann}`, [itemAdded(teapot, 2)])
    const his = recorded(`cart-${bob}`, [{ type, data: { ...data, customerId: bob } }])
    given(...hers, ...his).then(
      { _id: ann, items: [item(teapot, 2)], revision: 0 },
      { _id: bob, items: [item(cup, 1)], revision: 0 },
    )
  })
})

describe('the carts in the database', () => {
  const side = readSide(startNodes)
  const carts = () => writerOf(cart, { client: side.client(), now, newId: randomUUID })
  const shop = () =>
    cartCommands({
      carts: carts(),
      productOf: async (sku) => ({ sku }),
      availableOf: async () => undefined,
    })
  const request = (customerId: UserId) => ({ customerId, idempotencyKey: randomUUID() })
  const fill = async (customerId: UserId) => {
    const { addToCart, setCartQuantity } = shop()
    await addToCart({ ...request(customerId), sku: teapot, quantity: 2 }, cause)
    await addToCart({ ...request(customerId), sku: cup, quantity: 1 }, cause)
    return setCartQuantity({ ...request(customerId), sku: teapot, quantity: 3 }, cause)
  }
  const reached = (position: bigint, db = side.db()) => readModels({ db }).reached(position, 10_000, 'carts')

  it('show what a command answered, as soon as its position is reached', async () => {
    side.run()
    const customerId = person()
    const answer = await fill(customerId)
    await reached(answer.position)
    const found = await side.db().collection<{ _id: string }>('carts').findOne({ _id: customerId })
    const items = [item(teapot, 3), item(cup, 1)]
    expect(answer).toMatchObject({ items, revision: 2 })
    expect(CartDocument.parse(found)).toEqual({
      _id: customerId,
      items,
      revision: 2,
      seen: { cart: 2 },
      position: Number(answer.position),
    })
  })

  it('are the same when they are folded anew', async () => {
    const [hers, his] = [person(), person()]
    await fill(hers)
    await fill(his)
    const { takeOrdered } = checkOuts({ client: side.client(), carts: carts() })
    await takeOrdered({ ...fromCart(1, item(teapot, 2)), customerId: hers }, cause)
    const { position } = await shop().clearCart(request(his), cause)
    side.run()
    await reached(position)
    const once = await documentsOf(side.db(), 'carts')
    const other = side.anotherDb()
    side.run(undefined, other)
    await reached(position, other)
    expect(await documentsOf(other, 'carts')).toEqual(once)
    const ids = once.map(({ _id }) => String(_id))
    expect(ids).toEqual(expect.arrayContaining([hers, his]))
  })
})
