import { z } from 'zod'
import { maySee } from '../../access/viewer.ts'
import { caughtUp } from '../../projections/consistency.ts'
import type { ReadModels } from '../../projections/readModels.ts'
import { sendProblem } from '../../service/problems.ts'
import type { RateLimit } from '../../service/rateLimit.ts'
import { answer, commandHeaders, queryHeaders } from '../../service/rest/headers.ts'
import { problems } from '../../service/rest/problem.ts'
import { OrderIdField } from '../../service/rest/schemas.ts'
import { causeOf, limitedBy, MAX_BODY, sayPosition, tokenIn, viewerOf } from '../../service/rest/scope.ts'
import type { RestScope } from '../../service/rest/scope.ts'
import type { CardCommands } from '../card/commands.ts'
import { sendCardRefusal } from './refused.ts'
import { CARD_PAYMENT, CardPayment, NewCardPayment, Payment, PAYMENT } from './schemas.ts'
import { pathOfPayment, paymentAsJson } from './shape.ts'

const tags = ['payments']
const One = z.object({
  id: OrderIdField.meta({ description: 'Of the payment, which is that of its order.' }),
})

export interface PaymentRouteParts {
  readonly cards: CardCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

/** Payments over plain HTTP: begin one by card, look one up. */
export const paymentRoutes = (http: RestScope, { cards, readModels, limit }: PaymentRouteParts) => {
  http.post(
    '/payments/intent',
    {
      bodyLimit: MAX_BODY,
      onRequest: limitedBy(limit),
      schema: {
        tags,
        operationId: 'createCardPayment',
        summary: 'Pay an order by card',
        description:
          'For the customer of an order whose payment method is `CARD`: with the secret, their browser pays at the card ' +
          'processor. An order has one payment, so that the same request answers the same.',
        headers: commandHeaders,
        body: NewCardPayment,
        response: {
          200: answer({
            description: 'The payment that a card can make.',
            schema: CardPayment,
            example: CARD_PAYMENT,
          }),
          ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const viewer = viewerOf(request)
      const started = await cards.createCardPayment(
        { orderId: request.body.order_id, isAllowed: (customer) => customer === viewer.id },
        causeOf(request),
      )
      if (started.refused) return sendCardRefusal(reply, started.refused)
      const { paymentId, clientSecret, position } = started
      void sayPosition(reply, position)
      return {
        payment_id: paymentId,
        client_secret: clientSecret,
        links: { payment: pathOfPayment(paymentId) },
      }
    },
  )

  http.get(
    '/payments/:id',
    {
      schema: {
        tags,
        operationId: 'getPayment',
        summary: 'Look up a payment',
        description:
          'How the paying of an order goes, with what caused each change. One’s own; admins may see any.',
        headers: queryHeaders,
        params: One,
        response: {
          200: answer({ description: 'The payment.', schema: Payment, example: PAYMENT }),
          ...problems(400, 401, 403, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      await caughtUp(readModels, tokenIn(request), 'payments')
      const found = await readModels.payment(request.params.id)
      if (!found || !maySee(viewerOf(request), found.customerId))
        return sendProblem(reply, { status: 404, detail: 'There is no such payment.' })
      void sayPosition(reply, found.position)
      return paymentAsJson(found)
    },
  )
}
