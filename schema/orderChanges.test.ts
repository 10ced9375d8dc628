import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { UserId } from '../domain/ids.ts'
import { Sku, Warehouse } from '../domain/product.ts'
import { begin } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { writerOf } from '../eventstore/transact.ts'
import { orderIdFor } from '../orders/commands.ts'
import { order } from '../orders/order.ts'
import { stockCommands } from '../orders/stock/commands.ts'
import { stock } from '../orders/stock/stock.ts'
import { startNodes } from '../tests/startNodes.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
beforeAll(async () => {
  const nodes = await startNodes()
  api = await startTestApi({ ...nodes, charging: true })
  stop = async () => {
    await api.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const teapot = 'teapot-blue-1l'
const ORDER = `__typename ... on Refusal { message }
  ... on Order { id status price { amount currency } description lines { sku name quantity unitPrice { amount } total { amount } }
    refunded { amount currency } failure { reason message missing { sku wanted available } } consistencyToken }`
const Answered = z.object({
  answer: z.looseObject({
    __typename: z.string(),
    id: z.string().optional(),
    price: z.object({ amount: z.int(), currency: z.string() }).optional(),
    lines: z.array(z.unknown()).optional(),
  }),
})

/** The answer's fields, beside the errors if there are any. */
const mutate = async (user: UserId, name: string, type: string, input: object, role = 'USER') => {
  const more = name === 'refundOrder' ? '... on MoreThanRemains { remaining { amount } }' : ''
  const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${ORDER} ${more} } }`
  const { data, errors } = await api.ask(user, query, { input }, { 'x-user-role': role })
  return {
    errors,
    ...(errors ? { id: undefined, price: undefined, lines: undefined } : Answered.parse(data).answer),
  }
}
const placeLines = (user: UserId, lines: object[], idempotencyKey: string = randomUUID()) =>
  mutate(user, 'placeOrder', 'PlaceOrderInput', { lines, idempotencyKey })
const cancel = (user: UserId, orderId: unknown, role?: string) =>
  mutate(user, 'cancelOrder', 'CancelOrderInput', { orderId, idempotencyKey: 'cancel' }, role)
const refund = (user: UserId, input: object, role = 'ADMIN') =>
  mutate(user, 'refundOrder', 'RefundOrderInput', { idempotencyKey: 'back', ...input }, role)

const Read = z.object({
  order: z.looseObject({ status: z.string() }).nullable(),
  payment: z.looseObject({}).nullable(),
})
const read = async (user: UserId, id: unknown) => {
  const query = `query ($id: ID!) { order(id: $id) { ${ORDER.slice(ORDER.indexOf('id status'), -1)} }
    payment(orderId: $id) { status refunded { amount } history { status } } }`
  return Read.parse((await api.ask(user, query, { id })).data)
}
const becomes = (user: UserId, id: unknown, status: string) =>
  expect.poll(async () => (await read(user, id)).order?.status, { timeout: 15_000 }).toBe(status)

const customer = async (amount: number) => {
  const user = person()
  const wallet = 'mutation ($input: OpenWalletInput!) { openWallet(input: $input) { __typename } }'
  await api.ask(user, wallet, { input: { currency: 'EUR', idempotencyKey: 'open' } })
  const money = { amount, currency: 'EUR' }
  const deposit = 'mutation ($input: DepositInput!) { deposit(input: $input) { __typename } }'
  if (amount > 0) await api.ask(user, deposit, { input: { money, idempotencyKey: 'fill' } })
  return user
}
const balanceOf = async (user: UserId) => {
  const { data } = await api.ask(user, '{ wallet { balance { amount } } }')
  return z.object({ wallet: z.object({ balance: z.object({ amount: z.int() }) }) }).parse(data).wallet.balance
    .amount
}
const receive = (quantity: number, sku = teapot) =>
  stockCommands(
    writerOf(stock, { client: api.client, now: () => new Date(), newId: randomUUID }),
  ).receiveStock(
    { sku: Sku.parse(sku), warehouse: Warehouse.parse('north'), quantity, idempotencyKey: randomUUID() },
    begin('request', 'an admin'),
  )

describe('an order of products', () => {
  it('is priced by the catalogue, reserved and paid', async () => {
    await receive(5)
    const ann = await customer(1_000_000)
    const placed = await placeLines(ann, [
      { sku: teapot, quantity: 2 },
      { sku: 'standard', quantity: 1 },
    ])
    expect(placed).toMatchObject({
      __typename: 'Order',
      status: 'NEW',
      description: null,
      lines: [
        { sku: teapot, quantity: 2 },
        { sku: 'standard', quantity: 1, unitPrice: { amount: 2_999 }, total: { amount: 2_999 } },
      ],
    })
    await becomes(ann, placed.id, 'PAID')
    const { order: found, payment } = await read(ann, placed.id)
    expect(found).toMatchObject({ lines: placed.lines, price: placed.price })
    expect(payment).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('answers a repeated request with the order that it made, also with its lines in another order', async () => {
    const ann = await customer(0)
    const [one, two] = [
      { sku: 'standard', quantity: 1 },
      { sku: 'basic', quantity: 2 },
    ]
    const first = await placeLines(ann, [one, two], 'once')
    expect(await placeLines(ann, [two, one], 'once')).toEqual(first)
    expect(await placeLines(ann, [one], 'once')).toMatchObject({ __typename: 'IdempotencyConflict' })
  })

  it('fails when there is not enough, names what was missing, and keeps nothing', async () => {
    await receive(3, 'cup-white')
    const ann = await customer(1_000_000)
    const placed = await placeLines(ann, [
      { sku: 'cup-white', quantity: 2 },
      { sku: teapot, quantity: 999 },
    ])
    await becomes(ann, placed.id, 'FAILED')
    const { order: found, payment } = await read(ann, placed.id)
    expect(found).toMatchObject({
      failure: { reason: 'OUT_OF_STOCK', missing: [{ sku: teapot, wanted: 999 }] },
    })
    expect(payment).toMatchObject({ status: 'CANCELLED' })
    const again = await placeLines(ann, [{ sku: 'cup-white', quantity: 3 }])
    await becomes(ann, again.id, 'PAID')
  })

  it('of packages that stock does not limit is paid at once', async () => {
    const ann = await customer(2_000)
    const placed = await placeLines(ann, [{ sku: 'basic', quantity: 2 }])
    expect(placed).toMatchObject({ status: 'AWAITING_PAYMENT', price: { amount: 1_998, currency: 'EUR' } })
    await becomes(ann, placed.id, 'PAID')
  })

  it.each([
    ['nothing', [], 'EmptyOrder'],
    ['no piece', [{ sku: teapot, quantity: 0 }], 'QuantityOutOfRange'],
    ['less than none', [{ sku: teapot, quantity: -1 }], 'QuantityOutOfRange'],
    ['too many', [{ sku: teapot, quantity: 1_001 }], 'QuantityOutOfRange'],
    ['what nobody sells', [{ sku: 'unicorn', quantity: 1 }], 'UnknownProduct'],
    ['what can’t be a product', [{ sku: '../../etc', quantity: 1 }], 'UnknownProduct'],
  ])('of %s is refused', async (_, lines, refusal) => {
    const ann = person()
    expect(await placeLines(ann, lines, 'refused')).toMatchObject({ __typename: refusal })
    const events = await Array.fromAsync(
      readForwards(api.client, streamOf(order, orderIdFor(ann, 'refused')), 0),
    )
    expect(events).toEqual([])
  })

  it('has either lines, or a price and a description', async () => {
    const ann = person()
    const price = { amount: 5, currency: 'EUR' }
    for (const input of [{}, { price }, { description: 'a book' }, { price, lines: [] }])
      expect(
        await mutate(ann, 'placeOrder', 'PlaceOrderInput', { ...input, idempotencyKey: 'k' }),
      ).toMatchObject({ errors: [{ extensions: { code: 'BAD_INPUT' } }] })
  })
})

describe('cancelling', () => {
  it('is refused when the order is paid, has failed, or is not there', async () => {
    const ann = await customer(2_000)
    const paid = await placeLines(ann, [{ sku: 'basic', quantity: 1 }])
    await becomes(ann, paid.id, 'PAID')
    expect(await cancel(ann, paid.id)).toMatchObject({ __typename: 'OrderAlreadyPaid' })
    const failed = await placeLines(ann, [{ sku: 'premium', quantity: 9 }])
    await becomes(ann, failed.id, 'FAILED')
    expect(await cancel(ann, failed.id)).toMatchObject({ __typename: 'OrderAlreadyFailed' })
    expect(await cancel(ann, randomUUID())).toMatchObject({ __typename: 'OrderNotFound' })
    expect(await cancel(person(), paid.id)).toMatchObject({ __typename: 'OrderNotFound' })
  })

  it('either comes first, or the payment does: never both, and no money is lost', async () => {
    await receive(200)
    const ann = await customer(1_000_000)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const placed = await placeLines(ann, [{ sku: n % 2 ? teapot : 'basic', quantity: 1 }])
        const cancelled = await cancel(n % 3 ? ann : person(), placed.id, n % 3 ? 'USER' : 'ADMIN')
        return { placed, cancelled }
      }),
    )
    let spent = 0
    for (const { placed, cancelled } of outcomes) {
      const { amount = 0 } = placed.price ?? {}
      if (cancelled.id) {
        expect(cancelled).toMatchObject({ status: 'CANCELLED' })
        await becomes(ann, placed.id, 'CANCELLED')
      } else {
        expect(cancelled).toMatchObject({ __typename: 'OrderAlreadyPaid' })
        await becomes(ann, placed.id, 'PAID')
        spent += amount
      }
    }
    await expect.poll(() => balanceOf(ann), { timeout: 15_000 }).toBe(1_000_000 - spent)
  })
})

describe('giving money back', () => {
  it('works in parts until all is back, once for each key', async () => {
    const admin = person()
    const ann = await customer(2_000)
    const { id } = await placeLines(ann, [{ sku: 'basic', quantity: 2 }])
    await becomes(ann, id, 'PAID')
    const part = { orderId: id, amount: { amount: 500, currency: 'EUR' }, idempotencyKey: 'part' }
    expect(await refund(admin, part)).toMatchObject({ __typename: 'Order', status: 'PAID' })
    expect(await refund(admin, part)).toMatchObject({ __typename: 'Order', status: 'PAID' })
    await expect
      .poll(async () => (await read(ann, id)).order, { timeout: 15_000 })
      .toMatchObject({
        status: 'PAID',
        refunded: { amount: 500, currency: 'EUR' },
      })
    expect((await read(ann, id)).payment).toMatchObject({
      status: 'PARTIALLY_REFUNDED',
      refunded: { amount: 500 },
    })
    expect(
      await refund(admin, { ...part, amount: { amount: 1_499, currency: 'EUR' }, idempotencyKey: 'more' }),
    ).toMatchObject({ __typename: 'MoreThanRemains', remaining: { amount: 1_498 } })
    expect(await refund(admin, { ...part, amount: { amount: 501, currency: 'EUR' } })).toMatchObject({
      __typename: 'IdempotencyConflict',
    })
    await refund(admin, { orderId: id, idempotencyKey: 'the rest' })
    await becomes(ann, id, 'REFUNDED')
    await expect
      .poll(async () => (await read(ann, id)).payment, { timeout: 15_000 })
      .toMatchObject({ status: 'REFUNDED' })
    await expect.poll(() => balanceOf(ann), { timeout: 15_000 }).toBe(2_000)
    expect(await refund(admin, { orderId: id, idempotencyKey: 'again' })).toMatchObject({
      __typename: 'MoreThanRemains',
      remaining: { amount: 0 },
    })
  })

  it('is for admins, and for what was paid', async () => {
    const [ann, admin] = [await customer(0), person()]
    const { id } = await placeLines(ann, [{ sku: 'basic', quantity: 1 }])
    await becomes(ann, id, 'FAILED')
    expect(await refund(admin, { orderId: id })).toMatchObject({ __typename: 'OrderNotPaid' })
    expect(await refund(admin, { orderId: randomUUID() })).toMatchObject({ __typename: 'OrderNotFound' })
    expect(await refund(ann, { orderId: id }, 'USER')).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    })
  })
})
