import type { EventStoreDBClient } from '@eventstore/db-client'
import type { FastifyInstance } from 'fastify'
import type { Messages } from '../notifications/messages.ts'
import type { OrderCommands } from '../orders/commands.ts'
import type { CardCommands } from '../payments/card/commands.ts'
import type { WalletCommands } from '../payments/commands.ts'
import type { TopUpCommands } from '../payments/topUp/commands.ts'
import type { Control } from '../projections/control.ts'
import type { ReadModels } from '../projections/readModels.ts'
import type { Logger } from '../service/logger.ts'
import { adminResolvers } from './admin.ts'
import { cardPaymentResolvers } from './cardPayment.ts'
import { cartResolvers } from './cart.ts'
import { createEngine, reportTo } from './engine.ts'
import { serveExport } from './export/http.ts'
import { failureResolvers } from './failure.ts'
import { graphiql } from './graphiql.ts'
import { historyResolvers } from './history/resolvers.ts'
import { serveHttp } from './http.ts'
import type { Hub } from '../live/hub.ts'
import { liveResolvers } from './live/resolvers.ts'
import { notificationResolvers } from './notification.ts'
import { orderResolvers } from './order.ts'
import { orderChangeResolvers } from './orderChanges.ts'
import { paymentResolvers } from './payment.ts'
import { personResolvers } from './person.ts'
import type { ProfileOf } from './person.ts'
import { productResolvers } from './product.ts'
import { projectionResolvers } from './projection.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { scalars } from './scalars.ts'
import type { Shop } from './shop.ts'
import { stockResolvers } from './stock.ts'
import type { Access } from '../access/access.ts'
import { topUpResolvers } from './topUp.ts'
import { walletResolvers } from './wallet.ts'
import { serveWebSocket } from './websocket.ts'

export interface ApiOptions {
  readonly http: FastifyInstance
  readonly client: EventStoreDBClient
  readonly wallets: WalletCommands
  readonly topUps: TopUpCommands
  readonly orders: OrderCommands
  readonly cards: CardCommands
  readonly shop: Shop
  readonly readModels: ReadModels
  readonly control: Control
  readonly hub: Hub
  readonly access: Access
  readonly messages: Messages
  /** Where people sign in here. */
  readonly profileOf?: ProfileOf
  readonly limit: RateLimit
  readonly introspection: boolean
  readonly newId: () => string
  readonly log: Logger
}

/** Adds the API to an HTTP server: `/graphql` over HTTP, server-sent events and WebSocket, and exports. */
export const serveApi = (options: ApiOptions): void => {
  const { http, client, shop, readModels, hub, access, introspection, newId, log } = options
  const engine = createEngine({
    resolvers: [
      scalars,
      personResolvers(options),
      walletResolvers(options),
      topUpResolvers(options),
      orderResolvers(options),
      orderChangeResolvers(options),
      paymentResolvers(readModels),
      cardPaymentResolvers(options),
      productResolvers({ catalogue: shop.catalogue, readModels }),
      stockResolvers(options),
      cartResolvers(options),
      projectionResolvers(options),
      historyResolvers(options),
      notificationResolvers(options),
      adminResolvers(readModels),
      failureResolvers,
      liveResolvers({ hub, readModels, client }),
    ],
    introspection,
    graphiql: graphiql(access.mode, newId),
    log,
  })
  const parts = { engine, access, newId, report: (requestId?: string) => reportTo(log, requestId) }
  void serveExport(http, { ...parts, authenticate: access.authenticate, readModels })
  serveWebSocket(http, parts)
  http.addHook('preClose', (done) => {
    // WebSockets were closed by now, with a code that says it. Streams over HTTP are told in words.
    hub.fail('This instance is stopping; subscribe again, and go on where you were.')
    done()
  })
  void serveHttp(http, parts)
}
