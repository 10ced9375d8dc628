import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { maySee } from '../../access/viewer.ts'
import { isMovable } from '../../domain/money.ts'
import { caughtUp } from '../../projections/consistency.ts'
import type { ReadModels } from '../../projections/readModels.ts'
import { ApiError } from '../../service/errors.ts'
import { cursorOf, keyOf } from '../../service/opaque.ts'
import type { RateLimit } from '../../service/rateLimit.ts'
import { answer, commandHeaders, queryHeaders, repeatableHeaders } from '../../service/rest/headers.ts'
import { problems } from '../../service/rest/problem.ts'
import { OrderIdField } from '../../service/rest/schemas.ts'
import { causeOf, limitedBy, MAX_BODY, sayPosition, tokenIn, viewerOf } from '../../service/rest/scope.ts'
import type { RestScope } from '../../service/rest/scope.ts'
import type { OrderCommands, OrderContent } from '../commands.ts'
import { orderNow } from '../orderNow.ts'
import type { OrderRefusal } from '../refusals.ts'
import { justPlaced, orderOf } from '../shown.ts'
import { wantedOf } from '../wanted.ts'
import { noSuchOrder, sendRefusal } from './refused.ts'
import { newOrderIn, Order, ORDER, OrderPage, OrderQuery } from './schemas.ts'
import { orderAsJson, pathOf } from './shape.ts'

export interface OrderRouteParts {
  readonly client: EventStoreDBClient
  readonly orders: OrderCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
  /** Of amounts that don't name one. */
  readonly currency: string
}

const tags = ['orders']
const One = z.object({ id: OrderIdField })
const NO_BODY = z.strictObject({}).nullish()

/** Orders over plain HTTP: place, list, look up, cancel. */
export const orderRoutes = (
  http: RestScope,
  { client, orders, readModels, limit, currency }: OrderRouteParts,
) => {
  const NewOrder = newOrderIn(currency)

  http.post(
    '/orders',
    {
      bodyLimit: MAX_BODY,
      onRequest: limitedBy(limit),
      schema: {
        tags,
        operationId: 'placeOrder',
        summary: 'Place an order',
        description:
          'For a plain amount with a description, or for pieces of products, whose prices are fixed now. A wallet is ' +
          'charged by itself: the answer is the order as it was accepted, also where the request is repeated (201 again).',
        headers: repeatableHeaders,
        body: NewOrder,
        response: {
          201: answer({
            description: 'The order was accepted; `Location` says where it is.',
            schema: Order,
            example: ORDER,
            headers: { Location: z.string() },
          }),
          ...problems(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const content = contentOf(request.body)
      if ('refused' in content) return sendRefusal(reply, content.refused)
      const placed = await orders.placeOrder(
        {
          ...content,
          customerId: viewerOf(request).id,
          paymentMethod: request.body.payment_method,
          idempotencyKey: request.headers['idempotency-key'],
        },
        causeOf(request),
      )
      if (placed.refused) return sendRefusal(reply, placed.refused)
      const { order, position } = placed
      void sayPosition(reply, position).code(201).header('location', pathOf(order.orderId))
      return orderAsJson(justPlaced(order, position))
    },
  )

  http.get(
    '/orders',
    {
      schema: {
        tags,
        operationId: 'listOrders',
        summary: 'List orders',
        description:
          'One’s own, newest first; admins may ask for somebody’s by `customer_id`. Pages are stable while new ones arrive.',
        headers: queryHeaders,
        querystring: OrderQuery,
        response: {
          200: answer({
            description: 'A page of orders.',
            schema: OrderPage,
            example: { items: [ORDER], next_cursor: null },
            headers: { Link: z.string().optional().meta({ description: 'The next page (`rel="next"`).' }) },
          }),
          ...problems(400, 401, 403, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { status, limit: first, cursor, customer_id: customer } = request.query
      const viewer = viewerOf(request)
      if (customer !== undefined && viewer.role !== 'ADMIN')
        throw new ApiError('FORBIDDEN', 'Only admins may ask for the orders of somebody.')
      const after = cursor === undefined ? undefined : keyOf('order', cursor, 'cursor')
      await caughtUp(readModels, tokenIn(request), 'orders')
      const { documents, next } = await readModels.orders(customer ?? viewer.id, status, { first, after })
      const newest = documents.map(({ position }) => position).toSorted((a, b) => b - a)[0]
      if (newest !== undefined) void sayPosition(reply, newest)
      const nextCursor = next === undefined ? null : cursorOf('order', next)
      if (nextCursor !== null) {
        const query = new URLSearchParams({ ...asked(request.url), cursor: nextCursor })
        void reply.header('link', `</orders?${query}>; rel="next"`)
      }
      return { items: documents.map((document) => orderAsJson(orderOf(document))), next_cursor: nextCursor }
    },
  )

  http.get(
    '/orders/:id',
    {
      schema: {
        tags,
        operationId: 'getOrder',
        summary: 'Look up an order',
        description: 'One’s own; admins may see any.',
        headers: queryHeaders,
        params: One,
        response: {
          200: answer({ description: 'The order.', schema: Order, example: { ...ORDER, status: 'PAID' } }),
          ...problems(400, 401, 403, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      await caughtUp(readModels, tokenIn(request), 'orders')
      const found = await readModels.order(request.params.id)
      if (!found || !maySee(viewerOf(request), found.customerId)) return noSuchOrder(reply)
      void sayPosition(reply, found.position)
      return orderAsJson(orderOf(found))
    },
  )

  http.post(
    '/orders/:id/cancel',
    {
      bodyLimit: MAX_BODY,
      onRequest: limitedBy(limit),
      schema: {
        tags,
        operationId: 'cancelOrder',
        summary: 'Cancel an order',
        description:
          'Until it is paid: by its customer, or by an admin. What was reserved for it is let go of. An order that is ' +
          'cancelled already stays so, and answers 200 again.',
        headers: commandHeaders,
        params: One,
        body: NO_BODY,
        response: {
          200: answer({
            description: 'It is cancelled.',
            schema: Order,
            example: { ...ORDER, status: 'CANCELLED' },
          }),
          ...problems(400, 401, 403, 404, 409, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const viewer = viewerOf(request)
      const { id } = request.params
      const cancelled = await orders.cancelOrder(
        {
          orderId: id,
          by: viewer.role === 'ADMIN' ? 'ADMIN' : 'CUSTOMER',
          isAllowed: (customer) => maySee(viewer, customer),
        },
        causeOf(request),
      )
      if (cancelled.refused) return sendRefusal(reply, cancelled.refused)
      const order = await orderNow(client, id)
      void sayPosition(reply, order.position)
      return orderAsJson(order)
    },
  )
}

type Body = z.output<ReturnType<typeof newOrderIn>>

const contentOf = (body: Body): OrderContent | { readonly refused: OrderRefusal } => {
  if ('lines' in body) {
    const wanted = wantedOf(body.lines)
    return 'refused' in wanted ? wanted : { lines: wanted, fromCart: false }
  }
  const { amount, currency, description } = body
  const price = { amount, currency }
  return isMovable(price)
    ? { price, description: description.trim() }
    : { refused: { code: 'AMOUNT_OUT_OF_RANGE' } }
}

/** What the query of a path says, as it was written. */
const asked = (url: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(url.split('?')[1]))
