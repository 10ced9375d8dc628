import { Stripe } from 'stripe'
import { z } from 'zod'
import type { HttpClient } from '../client/http.ts'
import { patiently } from '../demo/patience.ts'
import type { Control } from '../embedded/stripe/control/control.ts'
import type { CardPlan } from './cardPlans.ts'

/** What customers deal with. */
export interface CardShop {
  readonly api: HttpClient
  /** Where orders have so short a deadline that it is missed. */
  readonly hastyApi: HttpClient
  /** The processor's library in a browser: it knows the publishable key only. */
  readonly browser: Stripe
  readonly bank: Pick<Control, 'authenticate'>
}

/** What a customer knows of an order in the end. */
export interface Experience extends CardPlan {
  readonly orderId: string
  readonly intentId: string | undefined
  /** The shop said that the order is cancelled. */
  readonly wasCancelled: boolean
  /** The processor said that the card was charged. */
  readonly wasCharged: boolean
}

const Answer = z.object({
  answer: z.looseObject({
    __typename: z.string(),
    id: z.string().optional(),
    clientSecret: z.string().optional(),
  }),
})
type Answer = z.infer<typeof Answer>['answer']

const fields: Readonly<Record<string, string>> = {
  placeOrder: '... on Order { id }',
  cancelOrder: '... on Order { id }',
  createCardPayment: '... on CardPayment { clientSecret }',
}
const nothing = () => undefined

/** Asks until there is an answer: all of it may be repeated. */
const mutate = async (api: HttpClient, user: string, name: string, input: object): Promise<Answer> => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { __typename ... on Refusal { message } ${fields[name]} } }`
  return (await patiently(() => api.ask({ user, query, variables: { input }, data: Answer }), nothing)).answer
}

export const placeByCard = async (
  api: HttpClient,
  { customerId, amount, currency }: Pick<CardPlan, 'customerId' | 'amount' | 'currency'>,
): Promise<string> => {
  const { __typename, id } = await mutate(api, customerId, 'placeOrder', {
    price: { amount, currency },
    description: 'a book',
    paymentMethod: 'CARD',
    idempotencyKey: 'order',
  })
  if (id === undefined) throw new Error(`the order was answered by ${__typename}`)
  return id
}

/** The client secret; undefined if the order can't be paid any more. */
export const beginPayment = async (
  api: HttpClient,
  customerId: string,
  orderId: string,
): Promise<string | undefined> => {
  const { __typename, clientSecret } = await mutate(api, customerId, 'createCardPayment', {
    orderId,
    idempotencyKey: 'pay',
  })
  if (clientSecret === undefined && __typename !== 'OrderNotPayable')
    throw new Error(`the payment was answered by ${__typename}`)
  return clientSecret
}

/** Whether the shop agreed. */
export const cancelOrder = async (api: HttpClient, customerId: string, orderId: string): Promise<boolean> =>
  (await mutate(api, customerId, 'cancelOrder', { orderId, idempotencyKey: 'cancel' })).__typename === 'Order'

export const intentOf = (clientSecret: string): string => clientSecret.replace(/_secret_.*/, '')

/** Tries a card: the status of the payment after it, or `declined`, or `over` where nothing can be paid any more. */
const tryCard = async (browser: Stripe, clientSecret: string, card: string): Promise<string> => {
  const confirmation = {
    client_secret: clientSecret,
    payment_method: card,
    return_url: 'https://shop.example/thanks',
  }
  const key = { idempotencyKey: crypto.randomUUID() }
  try {
    return await patiently(
      async () => (await browser.paymentIntents.confirm(intentOf(clientSecret), confirmation, key)).status,
      nothing,
    )
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError) return 'declined'
    if (error instanceof Stripe.errors.StripeInvalidRequestError)
      if (error.code === 'payment_intent_unexpected_state') return 'over'
    throw error
  }
}

/** Deals with the shop as the plan says. */
export const behave = async (shop: CardShop, plan: CardPlan): Promise<Experience> => {
  const { api, hastyApi, browser, bank } = shop
  const { customerId, behaviour, card, declined } = plan
  const isLate = behaviour === 'never asks to pay' || behaviour === 'never pays'
  const orderId = await placeByCard(isLate ? hastyApi : api, plan)
  const unpaid = { ...plan, orderId, intentId: undefined, wasCancelled: false, wasCharged: false }
  if (behaviour === 'never asks to pay') return unpaid
  const secret = await beginPayment(api, customerId, orderId)
  if (secret === undefined) return unpaid
  const intentId = intentOf(secret)
  const pays = async () => (await tryCard(browser, secret, card)) === 'succeeded'
  const cancels = () => cancelOrder(api, customerId, orderId)
  const experience = { ...unpaid, intentId }
  switch (behaviour) {
    case 'never pays':
      return experience
    case 'pays':
      return { ...experience, wasCharged: await pays() }
    case 'is declined, then pays':
      expectStatus(await tryCard(browser, secret, declined), 'declined')
      return { ...experience, wasCharged: await pays() }
    case 'proves who they are':
      expectStatus(await tryCard(browser, secret, card), 'requires_action')
      return { ...experience, wasCharged: (await bank.authenticate(intentId, 'succeed')) === 'succeeded' }
    case 'fails to prove it, then pays':
      expectStatus(await tryCard(browser, secret, card), 'requires_action')
      expectStatus(await bank.authenticate(intentId, 'fail'), 'requires_payment_method')
      return { ...experience, wasCharged: (await tryCard(browser, secret, 'pm_card_visa')) === 'succeeded' }
    case 'cancels while paying': {
      const [wasCharged, wasCancelled] = await Promise.all([pays(), cancels()])
      return { ...experience, wasCharged, wasCancelled }
    }
    case 'cancels after paying': {
      const wasCharged = await pays()
      return { ...experience, wasCharged, wasCancelled: await cancels() }
    }
    default:
      return behaviour satisfies never
  }
}

const expectStatus = (found: string, wanted: string): void => {
  if (found !== wanted) throw new Error(`the payment is ${found} where it should be ${wanted}`)
}
