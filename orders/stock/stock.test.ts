import { describe, expect, it } from 'vitest'
import { north, south, teapot } from '../../domain/controls.ts'
import { Warehouse } from '../../domain/product.ts'
import { scenario } from '../../eventstore/scenario.ts'
import {
  corrected,
  fromNorth,
  line,
  order,
  received,
  released,
  reservationRefused,
  reserved,
  writtenOff,
} from './controls.ts'
import { MAX_ON_HAND, MAX_WAREHOUSES } from './events.ts'
import { correct, receive, release, reserve, standingOf, stock, stockRemembering, writeOff } from './stock.ts'

const { given } = scenario(stock)
const east = Warehouse.parse('east')

const receiving = (
  quantity: number,
  { warehouse = north, idempotencyKey = `key ${quantity}`, fingerprint = `receive ${quantity}` } = {},
) => receive({ sku: teapot, warehouse, quantity, idempotencyKey, fingerprint })

const correcting = (
  onHand: number,
  { warehouse = north, idempotencyKey = `count ${onHand}`, fingerprint = `correct ${onHand}` } = {},
) => correct({ sku: teapot, warehouse, onHand, reason: 'counted', idempotencyKey, fingerprint })

describe('what arrives', () => {
  it('is on hand in its warehouse', () => given().when(receiving(5)).then(received(5, 5)))
  it('adds to what is there', () => given(received(5, 5)).when(receiving(7)).then(received(7, 12)))
  it('adds to nothing that is elsewhere', () =>
    given(received(5, 5))
      .when(receiving(7, { warehouse: south }))
      .then(received(7, 7, { warehouse: south })))
  it('has arrived already when the same request comes again', () =>
    given(received(5, 5)).when(receiving(5)).thenNothing())
  it('is refused when its key comes again with another quantity', () =>
    given(received(5, 5))
      .when(receiving(6, { idempotencyKey: 'key 5' }))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
  it('is refused when its key comes again for a correction', () =>
    given(received(5, 5))
      .when(correcting(5, { idempotencyKey: 'key 5' }))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
  it('never passes the most that all warehouses may hold together', () => {
    const nearlyFull = received(MAX_ON_HAND - 1, MAX_ON_HAND - 1)
    given(nearlyFull)
      .when(receiving(1, { warehouse: south }))
      .then(received(1, 1, { warehouse: south }))
    given(nearlyFull)
      .when(receiving(2, { warehouse: south }))
      .thenRefused({ code: 'QUANTITY_OUT_OF_RANGE' })
  })
})

describe('the warehouses that hold some of a product', () => {
  const named = (n: number) => Warehouse.parse(`hall-${n}`)
  const full = Array.from({ length: MAX_WAREHOUSES }, (_, n) =>
    received(1, 1, { warehouse: named(n), idempotencyKey: `hall ${n}` }),
  )
  const oneMore = { warehouse: named(MAX_WAREHOUSES) }

  it('are not more than an order may be split over', () => {
    given(...full)
      .when(receiving(1, oneMore))
      .thenRefused({ code: 'TOO_MANY_WAREHOUSES' })
    given(...full)
      .when(correcting(1, oneMore))
      .thenRefused({ code: 'TOO_MANY_WAREHOUSES' })
  })
  it('may receive more', () => {
    const first = { warehouse: named(0) }
    given(...full)
      .when(receiving(1, first))
      .then(received(1, 2, first))
    given(...full)
      .when(correcting(2, first))
      .then(corrected(1, 2, first))
  })
  it('do not include one that has nothing left', () => {
    const emptied = corrected(1, 0, { warehouse: named(0) })
    given(...full, emptied)
      .when(receiving(1, oneMore))
      .then(received(1, 1, oneMore))
    given(...full)
      .when(correcting(0, oneMore))
      .then(corrected(0, 0, oneMore))
  })
})

describe('a correction', () => {
  it('sets what is on hand, and notes what the books said', () =>
    given(received(5, 5)).when(correcting(3)).then(corrected(5, 3)))
  it('is possible where nothing ever arrived', () => given().when(correcting(3)).then(corrected(0, 3)))
  it('is noted also when the books were right', () =>
    given(received(5, 5)).when(correcting(5)).then(corrected(5, 5)))
  it('goes down to what is reserved there, and no further', () => {
    const history = [received(5, 5), reserved(1, fromNorth(2)), reserved(2, fromNorth(1))]
    given(...history)
      .when(correcting(3))
      .then(corrected(5, 3))
    given(...history)
      .when(correcting(2))
      .thenRefused({ code: 'BELOW_RESERVED', reserved: 3 })
  })
  it('is done already when the same request comes again, whatever has happened since', () =>
    given(received(5, 5), corrected(5, 3), received(9, 12)).when(correcting(3)).thenNothing())
  it('is refused when its key comes again with another number', () =>
    given(received(5, 5), corrected(5, 3))
      .when(correcting(4, { idempotencyKey: 'count 3' }))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
  it('never passes the most that all warehouses may hold together', () =>
    given(received(MAX_ON_HAND, MAX_ON_HAND))
      .when(correcting(1, { warehouse: south }))
      .thenRefused({ code: 'QUANTITY_OUT_OF_RANGE' }))
  it('may take the place of what is there, even where that is the most', () =>
    given(received(MAX_ON_HAND, MAX_ON_HAND))
      .when(correcting(MAX_ON_HAND, { idempotencyKey: 'full' }))
      .then(corrected(MAX_ON_HAND, MAX_ON_HAND, { idempotencyKey: 'full' })))
})

describe('a reservation', () => {
  it('takes pieces that are available', () =>
    given(received(5, 5))
      .when(reserve(line(1, 5)))
      .then(reserved(1, fromNorth(5))))
  it('takes nothing that is reserved for others, and is refused with what is left', () =>
    given(received(5, 5), reserved(1, fromNorth(3)))
      .when(reserve(line(2, 3)))
      .then(reservationRefused(2, 3, 2)))
  it('is refused for a product that never arrived', () =>
    given()
      .when(reserve(line(1, 1)))
      .then(reservationRefused(1, 1, 0)))
  it('is refused as a whole, or not at all', () =>
    given(received(2, 2), received(3, 3, { warehouse: south }))
      .when(reserve(line(1, 6)))
      .then(reservationRefused(1, 6, 5)))
  it('takes what others have given up', () =>
    given(received(5, 5), reserved(1, fromNorth(5)), released(1, fromNorth(5)))
      .when(reserve(line(2, 5)))
      .then(reserved(2, fromNorth(5))))
  it('takes nothing of what has left', () =>
    given(received(5, 5), reserved(1, fromNorth(5)), writtenOff(1, fromNorth(5)))
      .when(reserve(line(2, 1)))
      .then(reservationRefused(2, 1, 0)))
})

describe('an order’s first verdict stands', () => {
  const stocked = received(5, 5)
  const again = reserve(line(1, 2))

  it('once it was reserved', () =>
    given(stocked, reserved(1, fromNorth(2)))
      .when(again)
      .thenNothing())
  it('once it was refused, even when more has arrived since', () =>
    given(reservationRefused(1, 2, 0), stocked)
      .when(again)
      .thenNothing())
  it('once it was released', () =>
    given(stocked, reserved(1, fromNorth(2)), released(1, fromNorth(2)))
      .when(again)
      .thenNothing())
  it('once it was written off', () =>
    given(stocked, reserved(1, fromNorth(2)), writtenOff(1, fromNorth(2)))
      .when(again)
      .thenNothing())
  it('when it is given up before its reservation arrives', () =>
    given(stocked, released(1)).when(again).thenNothing())
})

describe('which warehouse serves an order', () => {
  const stocked = (n: number, s: number, e: number) => [
    received(n, n),
    received(s, s, { warehouse: south }),
    received(e, e, { warehouse: east }),
  ]
  const from = (...parts: readonly (readonly [Warehouse, number])[]) =>
    reserved(1, ...parts.map(([warehouse, quantity]) => ({ warehouse, quantity })))

  it('is one that can serve it whole: the one that has most', () =>
    given(...stocked(3, 9, 5))
      .when(reserve(line(1, 4)))
      .then(from([south, 4])))
  it('is the first by name among those that have as much', () =>
    given(...stocked(5, 5, 5))
      .when(reserve(line(1, 4)))
      .then(from([east, 4])))
  it('are as few as can be, those that have most, when none can serve it whole', () =>
    given(...stocked(3, 4, 6))
      .when(reserve(line(1, 9)))
      .then(from([east, 6], [south, 3])))
  it('are all of them for all that there is', () =>
    given(...stocked(3, 4, 6))
      .when(reserve(line(1, 13)))
      .then(from([east, 6], [south, 4], [north, 3])))
  it('is chosen by what is available, not by what is on hand', () =>
    given(...stocked(9, 5, 1), reserved(2, fromNorth(5)))
      .when(reserve(line(1, 4)))
      .then(from([south, 4])))
})

describe('an order that is given up', () => {
  it('releases what was reserved for it', () =>
    given(received(5, 5), reserved(1, fromNorth(2)))
      .when(release(order()))
      .then(released(1, fromNorth(2))))
  it('is noted when nothing was reserved yet', () => given().when(release(order())).then(released(1)))
  it('releases nothing twice', () => {
    given(received(5, 5), reserved(1, fromNorth(2)), released(1, fromNorth(2)))
      .when(release(order()))
      .thenNothing()
    given(released(1)).when(release(order())).thenNothing()
  })
  it('releases nothing when its reservation was refused', () =>
    given(reservationRefused(1, 2, 0))
      .when(release(order()))
      .thenNothing())
  it('is never one whose pieces have left', () =>
    given(received(5, 5), reserved(1, fromNorth(2)), writtenOff(1, fromNorth(2))).whenImpossible(
      release(order()),
    ))
  it('says of the order no more than the stock needs', () =>
    given()
      .when(release(line(1, 7)))
      .then(released(1)))
})

describe('an order that is paid', () => {
  it('takes what was reserved for it away', () =>
    given(received(5, 5), reserved(1, fromNorth(2)))
      .when(writeOff(order()))
      .then(writtenOff(1, fromNorth(2))))
  it('takes nothing twice', () =>
    given(received(5, 5), reserved(1, fromNorth(2)), writtenOff(1, fromNorth(2)))
      .when(writeOff(order()))
      .thenNothing())
  it('is never one that has nothing reserved', () => {
    given(received(5, 5)).whenImpossible(writeOff(order()))
    given(reservationRefused(1, 2, 0)).whenImpossible(writeOff(order()))
    given(received(5, 5), reserved(1, fromNorth(2)), released(1, fromNorth(2))).whenImpossible(
      writeOff(order()),
    )
  })
})

describe('a stock that remembers two to four closed orders', () => {
  const forgetful = scenario(stockRemembering({ closedOrders: 2, requests: 2 }))
  const later = [3, 4, 5, 6, 7].map((n) => released(n))
  const forgotten = { code: 'FORGOTTEN', forgettings: 2 } as const

  it('says so when it may have forgotten an order, whatever is asked about it', () => {
    const history = forgetful.given(received(5, 5), released(1), ...later)
    history.when(reserve(line(1, 2))).thenRefused(forgotten)
    history.when(release(order(1))).thenRefused(forgotten)
    history.when(writeOff(order(1))).thenRefused(forgotten)
  })
  it('believes what was found about it in its stream', () => {
    const history = forgetful.given(received(5, 5), released(1), ...later)
    const found = { status: 'RELEASED', parts: [] } as const
    history.when(reserve(line(1, 2), { forgettings: 2, found })).thenNothing()
    history.when(reserve(line(2, 2), { forgettings: 2, found: undefined })).then(reserved(2, fromNorth(2)))
    history.when(reserve(line(1, 2), { forgettings: 1, found })).thenRefused(forgotten)
  })
  it('takes an order for new that was placed after all that it has forgotten', () =>
    forgetful
      .given(received(5, 5), ...later)
      .when(reserve(line(8, 2)))
      .then(reserved(8, fromNorth(2))))
  it('never forgets what is reserved', () => {
    const state = forgetful.fold([received(5, 5), reserved(1, fromNorth(2)), ...later])
    expect(standingOf(state, order(1))).toEqual({
      known: 'YES',
      verdict: { status: 'RESERVED', parts: [fromNorth(2)] },
    })
    forgetful
      .given(received(5, 5), reserved(1, fromNorth(2)), ...later)
      .when(release(order(1)))
      .then(released(1, fromNorth(2)))
  })
  it('knows the requests of its last two deliveries again', () => {
    const history = forgetful.given(received(1, 1), received(2, 3), received(3, 6))
    history.when(receiving(2)).thenNothing()
    history.when(receiving(3)).thenNothing()
  })
})
