import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { Hub } from '../../live/hub.ts'
import type { ApiDocument } from '../../service/rest/document.ts'
import { restOf } from '../../service/rest/scope.ts'
import { liveRoute } from './live.ts'
import { orderRoutes } from './routes.ts'
import type { OrderRouteParts } from './routes.ts'
import { serveSockets } from './sockets.ts'

export interface OrderApiParts extends OrderRouteParts {
  readonly access: Access
  readonly hub: Hub
}

/** What the orders service says of its API. */
export const orderDocument = (auth: ApiDocument['auth']): ApiDocument => ({
  title: 'Counterfoil: orders',
  description:
    'Orders over plain HTTP: the same commands and rules as in GraphQL. Amounts are integers in minor units. What is ' +
    'refused is a problem document (RFC 9457).',
  tags: [{ name: 'orders', description: 'Place, watch and cancel orders.' }],
  auth,
})

/** Adds the orders' API over plain HTTP. */
export const serveOrders = (http: FastifyInstance, parts: OrderApiParts) => {
  const { access } = parts
  serveSockets(http)
  void restOf(http, access, (scope) => {
    orderRoutes(scope, parts)
    liveRoute(scope, { ...parts, onceOver: access.onceOver })
  })
}
