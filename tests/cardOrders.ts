import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import type { UserId } from '../domain/ids.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { order } from '../orders/order.ts'
import { payment } from '../payments/payment.ts'
import { person } from '../schema/apiUnderTest.ts'
import { WAIT } from './startCards.ts'
import type { CardApi } from './startCards.ts'

const Answer = z.object({
  answer: z.looseObject({
    __typename: z.string(),
    id: z.string().optional(),
    clientSecret: z.string().optional(),
  }),
})

const Read = z.object({
  order: z.looseObject({ status: z.string() }),
  payment: z.looseObject({ status: z.string() }),
})

/** What people do with orders that are paid by card, through the API, and what became of them. */
export const cardOrders = ({ api, stripe }: CardApi) => {
  const mutate = async (user: UserId, name: string, type: string, input: object, role = 'USER') => {
    const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { __typename
      ... on Refusal { message } ... on Order { id } ... on CardPayment { paymentId clientSecret consistencyToken } } }`
      // Only what the mutation may answer can be asked for.
      .replace(name === 'createCardPayment' ? '... on Order { id }' : /\.\.\. on CardPayment \{.*?\}/, '')
    const { data, errors } = await api.ask(user, query, { input }, { 'x-user-role': role })
    if (errors) throw new Error(JSON.stringify(errors))
    return Answer.parse(data).answer
  }

  /** Somebody orders a book for 19.99 EUR, to be paid by card. */
  const place = async (user: UserId, price = { amount: 1_999, currency: 'EUR' }, paymentMethod = 'CARD') => {
    const input = { price, description: 'a book', paymentMethod, idempotencyKey: randomUUID() }
    const { id } = await mutate(user, 'placeOrder', 'PlaceOrderInput', input)
    return OrderId.parse(id)
  }
  const createCardPayment = (user: UserId, orderId: string) =>
    mutate(user, 'createCardPayment', 'CreateCardPaymentInput', { orderId, idempotencyKey: 'pay' })

  /** The intent's id, for whoever has its secret. */
  const begun = async (user: UserId, orderId: OrderId) => {
    const { clientSecret = '' } = await createCardPayment(user, orderId)
    expect(clientSecret).toMatch(/^pi_\w+_secret_\w+$/)
    return clientSecret.replace(/_secret_.*/, '')
  }
  /** An order of somebody, and the intent that pays it. */
  const placedAndBegun = async (user: UserId) => {
    const orderId = await place(user)
    return { orderId, intent: await begun(user, orderId) }
  }
  const intentNow = async (intent: string) => (await stripe.paymentIntents.retrieve(intent)).status

  const cancel = (user: UserId, orderId: OrderId) =>
    mutate(user, 'cancelOrder', 'CancelOrderInput', { orderId, idempotencyKey: 'cancel' })
  const refund = (orderId: OrderId, amount?: number, idempotencyKey: string = randomUUID()) =>
    mutate(
      person(),
      'refundOrder',
      'RefundOrderInput',
      { orderId, idempotencyKey, ...(amount ? { amount: { amount, currency: 'EUR' } } : {}) },
      'ADMIN',
    )

  const read = async (user: UserId, id: OrderId) => {
    const query = `query ($id: ID!) {
      order(id: $id) { status refunded { amount } failure { reason declineCode message } }
      payment(orderId: $id) { status method refunded { amount } history { status cause } } }`
    return Read.parse((await api.ask(user, query, { id })).data)
  }
  /** Waits until the read models show it so. */
  const becomes = (user: UserId, id: OrderId, order: object, payment: object) =>
    expect.poll(() => read(user, id), WAIT).toMatchObject({ order, payment })

  const storyOf = async (id: OrderId) => ({
    order: (await Array.fromAsync(readForwards(api.client, streamOf(order, id), 0))).map(({ type }) => type),
    payment: (await Array.fromAsync(readForwards(api.client, streamOf(payment, id), 0))).map(
      ({ type }) => type,
    ),
  })

  return {
    place,
    createCardPayment,
    begun,
    placedAndBegun,
    intentNow,
    cancel,
    refund,
    read,
    becomes,
    storyOf,
  }
}
