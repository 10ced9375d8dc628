import { describe, expect, it } from 'vitest'
import { cup, teapot } from '../../domain/controls.ts'
import { MAX_LINES, MAX_QUANTITY, Sku } from '../../domain/product.ts'
import { scenario } from '../../eventstore/scenario.ts'
import { add, cart, checkedOut, checkOut, clear, remove, setQuantity } from './cart.ts'
import { REMEMBERED_CHECKOUTS, REMEMBERED_REQUESTS } from './cart.ts'
import { by, checkedOutFor, cleared, fromCart, itemAdded, itemRemoved, quantitySet } from './controls.ts'

const { given, fold } = scenario(cart)

const adding = (sku: Sku, quantity: number, available?: number, key = `add ${quantity} ${sku}`) =>
  add({ ...by(key, `add ${quantity} ${sku}`), sku, quantity, offer: { available } })
const setting = (sku: Sku, quantity: number, available?: number, key = `set ${quantity} ${sku}`) =>
  setQuantity({ ...by(key, `set ${quantity} ${sku}`), sku, quantity, offer: { available } })
const removing = (sku: Sku) => remove({ ...by(`remove ${sku}`), sku })
const clearing = () => clear(by('clear'))

/** As many different products as a cart can hold, one piece of each. */
const full = Array.from({ length: MAX_LINES }, (_, n) => itemAdded(Sku.parse(`sku-${n}`)))

describe('adding to a cart', () => {
  it('puts the pieces in', () => given().when(adding(teapot, 2)).then(itemAdded(teapot, 2)))
  it('counts on with what is there', () =>
    given(itemAdded(teapot, 2))
      .when(adding(teapot, 3))
      .then(itemAdded(teapot, 3, 5)))
  it('is done already when the same request comes again', () =>
    given(itemAdded(teapot, 2)).when(adding(teapot, 2)).thenNothing())
  it('is done already, too, when the pieces are out of the cart again', () =>
    given(itemAdded(teapot, 2), itemRemoved(teapot)).when(adding(teapot, 2)).thenNothing())
  it('is refused when its key comes again with another input', () =>
    given(itemAdded(teapot, 2))
      .when(adding(cup, 2, undefined, `add 2 ${teapot}`))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
  it('is refused for what the shop does not know', () =>
    given()
      .when(add({ ...by('add'), sku: teapot, quantity: 1, offer: undefined }))
      .thenRefused({ code: 'UNKNOWN_PRODUCT' }))

  it('takes all that is available', () =>
    given(itemAdded(teapot, 2))
      .when(adding(teapot, 3, 5))
      .then(itemAdded(teapot, 3, 5)))
  it('is refused when the cart would then hold more than is available', () =>
    given(itemAdded(teapot, 2))
      .when(adding(teapot, 3, 4))
      .thenRefused({ code: 'NOT_AVAILABLE', available: 4 }))
  it('is refused for what is sold out', () =>
    given()
      .when(adding(teapot, 1, 0))
      .thenRefused({ code: 'NOT_AVAILABLE', available: 0 }))

  it.each([0, -1, 1.5, MAX_QUANTITY + 1])('is refused for %d pieces', (pieces) =>
    given(itemAdded(teapot, 2)).when(adding(teapot, pieces)).thenRefused({ code: 'QUANTITY_OUT_OF_RANGE' }),
  )
  it('goes up to 1,000 pieces of a product', () =>
    given(itemAdded(teapot, 999))
      .when(adding(teapot, 1))
      .then(itemAdded(teapot, 1, 1_000)))
  it('is refused when the cart would then hold more than 1,000 of it', () =>
    given(itemAdded(teapot, 999)).when(adding(teapot, 2)).thenRefused({ code: 'QUANTITY_OUT_OF_RANGE' }))
  it('is refused for a 51st product', () =>
    given(...full)
      .when(adding(teapot, 1))
      .thenRefused({ code: 'TOO_MANY_LINES' }))
  it('is possible for a product that a full cart holds', () => {
    const held = Sku.parse('sku-7')
    given(...full)
      .when(adding(held, 2))
      .then(itemAdded(held, 2, 3))
  })
})

describe('setting a quantity', () => {
  it('holds so many from then on', () =>
    given(itemAdded(teapot, 2)).when(setting(teapot, 7)).then(quantitySet(teapot, 7)))
  it('is done already when the cart holds so many', () =>
    given(itemAdded(teapot, 7)).when(setting(teapot, 7)).thenNothing())
  it('is done already when the same request comes again, whatever others did since', () =>
    given(itemAdded(teapot, 2), quantitySet(teapot, 3), itemAdded(teapot, 4, 7))
      .when(setting(teapot, 3))
      .thenNothing())
  it('is refused for what is not in the cart', () =>
    given(itemAdded(cup)).when(setting(teapot, 1)).thenRefused({ code: 'NOT_IN_CART' }))
  it.each([0, -1, 1.5, MAX_QUANTITY + 1])('is refused for %d pieces', (pieces) =>
    given(itemAdded(teapot, 2)).when(setting(teapot, pieces)).thenRefused({ code: 'QUANTITY_OUT_OF_RANGE' }),
  )
  it('is refused when more are wanted than are available', () =>
    given(itemAdded(teapot, 2))
      .when(setting(teapot, 5, 4))
      .thenRefused({ code: 'NOT_AVAILABLE', available: 4 }))
  it('may always go down, even to more than is available', () =>
    given(itemAdded(teapot, 9))
      .when(setting(teapot, 5, 4))
      .then(quantitySet(teapot, 5)))
  it('may go down, but not up, for what the shop does not have any more', () => {
    const lost = (quantity: number) =>
      setQuantity({ ...by(`set ${quantity} ${teapot}`), sku: teapot, quantity, offer: undefined })
    given(itemAdded(teapot, 9)).when(lost(5)).then(quantitySet(teapot, 5))
    given(itemAdded(teapot, 9)).when(lost(10)).thenRefused({ code: 'UNKNOWN_PRODUCT' })
  })
  it('is refused when its key was used for another request', () =>
    given(itemAdded(teapot, 2, 2, 'key'))
      .when(setting(teapot, 7, undefined, 'key'))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
})

describe('removing', () => {
  it('takes a product out', () =>
    given(itemAdded(teapot, 2), itemAdded(cup)).when(removing(teapot)).then(itemRemoved(teapot)))
  it('is done already for what is not there', () =>
    given(itemAdded(cup)).when(removing(teapot)).thenNothing())
  it('is done already when the same request comes again, and does not take out what was added since', () =>
    given(itemAdded(teapot, 2), itemRemoved(teapot), itemAdded(teapot, 3))
      .when(removing(teapot))
      .thenNothing())
})

describe('clearing', () => {
  it('takes everything out', () =>
    given(itemAdded(teapot, 2), itemAdded(cup)).when(clearing()).then(cleared()))
  it('is done already for an empty cart', () => given().when(clearing()).thenNothing())
  it('is done already when the same request comes again, and does not take out what was added since', () =>
    given(itemAdded(teapot, 2), cleared(), itemAdded(cup)).when(clearing()).thenNothing())
})

describe('checking out', () => {
  const two = { sku: teapot, quantity: 2 }
  const order = fromCart(1, two, { sku: cup, quantity: 1 })

  it('is refused for an empty cart', () => {
    given().when(checkOut()).thenRefused({ code: 'EMPTY_CART' })
    given(itemAdded(cup), itemRemoved(cup)).when(checkOut()).thenRefused({ code: 'EMPTY_CART' })
  })
  it('is possible for any other', () => given(itemAdded(cup)).when(checkOut()).thenNothing())
  it('takes out what was ordered', () =>
    given(itemAdded(teapot, 2), itemAdded(cup)).when(checkedOut(order)).then(checkedOutFor(order)))
  it('notes of an order only what a cart must know', () => {
    const priced = { ...order, payBy: 'noon', lines: order.lines.map((line) => ({ ...line, price: 5 })) }
    given(itemAdded(cup)).when(checkedOut(priced)).then(checkedOutFor(order))
  })
  it('never happens for an order of nothing', () =>
    given(itemAdded(cup)).whenImpossible(checkedOut(fromCart(1))))
  it('happens once for an order', () =>
    given(itemAdded(teapot, 2), checkedOutFor(order), itemAdded(teapot, 2, 2, 'again'))
      .when(checkedOut(order))
      .thenNothing())
  it('happens for each order of the same items', () =>
    given(itemAdded(teapot, 2), checkedOutFor(order))
      .when(checkedOut(fromCart(2, two)))
      .then(checkedOutFor(fromCart(2, two))))
})

describe('an order that comes again after many others', () => {
  const line = { sku: teapot, quantity: 1 }
  const oldest = fromCart(0, line)
  const never = fromCart(1, line)
  const newer = Array.from({ length: 2 * REMEMBERED_CHECKOUTS }, (_, n) => fromCart(n + 2, line))
  const past = [oldest, ...newer].map(checkedOutFor)
  const { forgettings } = fold(past).checkouts
  const found = { forgettings, found: { taken: true } } as const
  const forgotten = { code: 'FORGOTTEN', forgettings } as const

  it('is known as long as the cart remembers it', () => {
    const remembering = fold(past)
    for (const order of newer.slice(REMEMBERED_CHECKOUTS)) expect(checkedOut(order)(remembering)).toEqual([])
  })
  it('is not taken for new when it may be forgotten', () => {
    given(...past)
      .when(checkedOut(oldest))
      .thenRefused(forgotten)
    given(...past)
      .when(checkedOut(never))
      .thenRefused(forgotten)
  })
  it('is taken out once, as a search in the stream says', () => {
    given(...past)
      .when(checkedOut(oldest, found))
      .thenNothing()
    given(...past)
      .when(checkedOut(never, { ...found, found: undefined }))
      .then(checkedOutFor(never))
  })
})

describe('what a cart holds', () => {
  const items = (...events: Parameters<typeof fold>[0]) =>
    fold(events).items.map((item) => Object.values(item))

  it('is in the order in which it was first added', () =>
    expect(
      items(itemAdded(teapot, 2), itemAdded(cup), itemAdded(teapot, 3, 5, 'more'), quantitySet(cup, 4)),
    ).toEqual([
      [teapot, 5],
      [cup, 4],
    ]))
  it('goes to the end when it was out of it for a while', () =>
    expect(items(itemAdded(teapot), itemAdded(cup), itemRemoved(teapot), itemAdded(teapot, 2))).toEqual([
      [cup, 1],
      [teapot, 2],
    ]))
  it('is nothing after everything was ordered, and the cart goes on', () => {
    const ordered = checkedOutFor(fromCart(1, { sku: teapot, quantity: 2 }))
    expect(items(itemAdded(teapot, 2), ordered)).toEqual([])
    expect(items(itemAdded(teapot, 2), ordered, itemAdded(cup))).toEqual([[cup, 1]])
  })
  it('is what was added since the order was made up', () => {
    const ordered = checkedOutFor(fromCart(1, { sku: teapot, quantity: 2 }))
    expect(items(itemAdded(teapot, 2), itemAdded(teapot, 3, 5), itemAdded(cup), ordered)).toEqual([
      [teapot, 3],
      [cup, 1],
    ])
  })
  it('is never less than nothing, when less of it was left than was ordered', () =>
    expect(
      items(
        itemAdded(teapot, 2),
        quantitySet(teapot, 1),
        checkedOutFor(fromCart(1, { sku: teapot, quantity: 2 })),
      ),
    ).toEqual([]))
})

it('a cart remembers the last requests, and forgets the oldest', () => {
  const events = Array.from({ length: 2 * REMEMBERED_REQUESTS + 1 }, (_, n) =>
    quantitySet(teapot, 1 + (n % 2), `key ${n}`),
  )
  const cart = [itemAdded(teapot), ...events]
  const again = (n: number) => setting(teapot, 1 + (n % 2), undefined, `key ${n}`)
  const changed = (n: number) => setting(teapot, 9, undefined, `key ${n}`)
  given(...cart)
    .when(again(2 * REMEMBERED_REQUESTS))
    .thenNothing()
  given(...cart)
    .when(again(REMEMBERED_REQUESTS))
    .thenNothing()
  given(...cart)
    .when(changed(REMEMBERED_REQUESTS))
    .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' })
  given(...cart)
    .when(changed(0))
    .then(quantitySet(teapot, 9, 'key 0'))
})
