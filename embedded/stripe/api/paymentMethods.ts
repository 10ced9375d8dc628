import { z } from 'zod'
import { cardByNumber, cardByTestId, isPossibleNumber } from '../books/cards.ts'
import type { CardName } from '../books/cards.ts'
import { Fault, invalidRequest, noSuch } from '../books/fault.ts'
import { newId } from '../books/ids.ts'
import type { PaymentMethod } from '../books/records.ts'
import { endpoint } from './endpoint.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { expand, integer, merged, metadata, text } from './parameters.ts'
import { showMethod } from './render.ts'

/** What describes a card: its number, or the token of a test card. */
export const methodData = z.strictObject({
  type: z.literal('card'),
  card: z.union([
    z.strictObject({ token: text(100) }),
    z.strictObject({
      number: text(30),
      exp_month: integer,
      exp_year: integer,
      cvc: text(4).optional(),
    }),
  ]),
  billing_details: z
    .strictObject({
      name: text().optional(),
      email: text(512).optional(),
      phone: text(100).optional(),
    })
    .optional(),
  metadata: metadata.optional(),
})
export type MethodData = z.infer<typeof methodData>

const YEARS_AHEAD = 50

/** A card that is new here; kept, as it may be shown later. Throws a `Fault` for one that can't be. */
export const newMethod = (call: Pick<Call, 'ledger' | 'at'>, data: MethodData): PaymentMethod => {
  const { card, exp_month, exp_year } =
    'token' in data.card ? byToken(call, data.card.token) : byNumber(call, data.card)
  const { name = null, email = null, phone = null } = data.billing_details ?? {}
  const method: PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    created: call.at,
    metadata: merged({}, data.metadata),
    card,
    exp_month,
    exp_year,
    billing_details: { name, email, phone },
  }
  call.ledger.put(method)
  return method
}

/** The card that a request names: one that is kept, or one for tests such as `pm_card_visa`. */
export const methodNamed = (call: Pick<Call, 'ledger' | 'at'>, id: string): PaymentMethod => {
  const found = call.ledger.get('payment_method', id)
  if (found) return found
  if (!id.startsWith('pm_card_') || !cardByTestId(id)) throw noSuch('PaymentMethod', id, 'payment_method')
  return newMethod(call, { type: 'card', card: { token: id } })
}

type Described = Pick<PaymentMethod, 'card' | 'exp_month' | 'exp_year'>

const byToken = ({ at }: Pick<Call, 'at'>, token: string): Described => {
  const card = cardByTestId(token)
  if (!card) throw noSuch('token', token, 'card[token]')
  return { card, exp_month: 12, exp_year: yearOf(at) + 1 }
}

const byNumber = (
  { at }: Pick<Call, 'at'>,
  given: { readonly number: string; readonly exp_month: number; readonly exp_year: number },
): Described => {
  const number = given.number.replaceAll(/[\s-]/g, '')
  if (!isPossibleNumber(number)) throw badCard('incorrect_number', 'Your card number is incorrect.', 'number')
  if (given.exp_month < 1 || given.exp_month > 12)
    throw badCard('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  const exp_year = given.exp_year < 100 ? 2_000 + given.exp_year : given.exp_year
  if (expired(given.exp_month, exp_year, at) || exp_year > yearOf(at) + YEARS_AHEAD)
    throw badCard('invalid_expiry_year', "Your card's expiration year is invalid.", 'exp_year')
  const card: CardName | undefined = cardByNumber(number)
  if (!card)
    throw new Fault(
      402,
      'card_error',
      'Your card was declined. Your request was in test mode, but used a non test card.',
      { code: 'card_declined', decline_code: 'test_mode_live_card' },
    )
  return { card, exp_month: given.exp_month, exp_year }
}

const badCard = (code: string, message: string, param: string): Fault =>
  new Fault(402, 'card_error', message, { code, param: `card[${param}]` })

const yearOf = (at: number): number => new Date(at * 1_000).getUTCFullYear()

const expired = (month: number, year: number, at: number): boolean => Date.UTC(year, month) <= at * 1_000

export const paymentMethods: readonly Endpoint[] = [
  endpoint(
    'POST',
    '/v1/payment_methods',
    methodData.extend(expand),
    (call) => showMethod(newMethod(call, call.params)),
    { publishable: true },
  ),
  endpoint('GET', '/v1/payment_methods/:id', z.strictObject(expand), ({ ledger, id }) => {
    const found = ledger.get('payment_method', id)
    if (!found)
      throw cardByTestId(id)
        ? invalidRequest(`${id} is for tests: it becomes a PaymentMethod when it is used.`, { param: 'id' })
        : noSuch('PaymentMethod', id)
    return showMethod(found)
  }),
]
