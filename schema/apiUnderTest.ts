import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client'
import { fastify } from 'fastify'
import { createClient } from 'graphql-ws'
import type { Client } from 'graphql-ws'
import { MongoClient } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { OrderId, UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import type { Catalogue } from '../catalogue/product.ts'
import { messagesIn } from '../notifications/messages.ts'
import { orderCommands } from '../orders/commands.ts'
import { giveUp, pay } from '../orders/lifecycle.ts'
import { order } from '../orders/order.ts'
import { cardCommands } from '../payments/card/commands.ts'
import { orderReader } from '../payments/card/order.ts'
import { cardProcessor } from '../payments/card/processor.ts'
import { walletCommands } from '../payments/commands.ts'
import { payment } from '../payments/payment.ts'
import { topUpCommands } from '../payments/topUp/commands.ts'
import { topUp } from '../payments/topUp/topUp.ts'
import { wallet } from '../payments/wallet.ts'
import { foldables } from '../projections/all.ts'
import { controlOf } from '../projections/control.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import { runProjections } from '../projections/runner.ts'
import { loggerOf } from '../service/logger.ts'
import { answerWithProblems } from '../service/problems.ts'
import { serveApi } from './api.ts'
import { feedHub } from '../live/feed.ts'
import { createHub } from '../live/hub.ts'
import type { Hub } from '../live/hub.ts'
import { positionOf } from '../service/opaque.ts'
import { servePictures } from './pictures.ts'
import { rateLimit } from '../service/rateLimit.ts'
import { runServices } from './servicesUnderTest.ts'
import { shopOf } from './shop.ts'
import { headerAccess } from '../access/access.ts'
import type { Access } from '../access/access.ts'

export interface TestApiOptions {
  /** Connection strings of the servers to use. */
  readonly events: string
  readonly documents: string
  /** The database of the read models; a new one if not given. */
  readonly database?: string
  readonly introspection?: boolean
  readonly ratePerSecond?: number
  /** False: nothing is projected, as when the projections are down. */
  readonly projecting?: boolean
  /** True: orders are charged and settled, as by the services; otherwise only a test does that. */
  readonly charging?: boolean
  readonly now?: () => Date
  /** Who is asking; as a gateway says, if not given. */
  readonly access?: (client: EventStoreDBClient) => Access
  /** What the shop sells; the built-in products if not given. */
  readonly catalogue?: Catalogue
  /** The card processor; none is available if it is not given. */
  readonly cards?: {
    readonly STRIPE_SECRET_KEY: string
    readonly STRIPE_API_ROOT: string
    readonly STRIPE_WEBHOOK_SECRET: string
  }
}

export const person = () => UserId.parse(randomUUID())

/** A GraphQL answer, as loosely as a client sees it. */
const Answer = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string() }) }))
    .optional(),
})
export type Answer = z.infer<typeof Answer> & { readonly status: number }

const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  ...Answer.parse(JSON.parse(await response.text())),
})

const placeOrder = `mutation ($key: String!) {
  placeOrder(input: { price: { amount: 700, currency: "EUR" }, description: "a book", idempotencyKey: $key }) {
    ... on Order { id consistencyToken }
  }
}`
const Placed = z.object({ placeOrder: z.object({ id: z.string(), consistencyToken: z.string() }) })

const nothing = () => undefined

/** The API in this process, on a database of its own, and the projections. */
export const startTestApi = async (options: TestApiOptions) => {
  const {
    events,
    documents,
    database = `test-${randomUUID()}`,
    introspection = true,
    ratePerSecond = 0,
    projecting = true,
    charging = false,
    now = () => new Date(),
    catalogue = builtInCatalogue(),
    access = () => headerAccess,
  } = options
  const client = EventStoreDBClient.connectionString(events)
  const mongo = new MongoClient(documents)
  const db = mongo.db(database)
  const readModels = readModelsIn({ db })
  const hub = createHub()
  const log = loggerOf('api', 'silent')
  const stopping = new AbortController()
  const { signal } = stopping

  const writers = { client, now, newId: randomUUID }
  const orderWriter = writerOf(order, writers)
  const walletWriter = writerOf(wallet, writers)
  const payments = writerOf(payment, writers)
  const processor = cardProcessor({
    settings: { STRIPE_API_ROOT: 'https://api.stripe.com', ...options.cards },
    observer: { called: nothing },
    clock: () => performance.now(),
  })
  const http = fastify()
  answerWithProblems(http)
  serveApi({
    http,
    client,
    wallets: walletCommands(walletWriter),
    topUps: topUpCommands({
      topUps: writerOf(topUp, writers),
      wallets: walletWriter,
      processor,
      now,
    }),
    orders: orderCommands({
      ...writers,
      orders: orderWriter,
      catalogue,
      paymentTimeout: 600_000,
    }),
    cards: cardCommands({ payments, processor, order: orderReader(client), now }),
    shop: shopOf({ ...writers, catalogue }),
    readModels,
    control: controlOf({ ...writers, db, projections: foldables }),
    hub,
    access: access(client),
    messages: messagesIn(db, now),
    limit: rateLimit({ perSecond: ratePerSecond, clock: () => performance.now() }),
    introspection,
    newId: randomUUID,
    log,
  })
  if (!options.catalogue) servePictures(http, catalogue)
  const observer = { wrote: nothing, retried: nothing, stopped: nothing }
  const works = [feedHub({ client, readModels, hub, signal, log })]
  if (projecting) works.push(runProjections({ ...writers, db, projections: foldables, signal, observer }))
  if (charging)
    works.push(
      ...runServices({
        ...writers,
        db,
        http,
        signal,
        orders: orderWriter,
        wallets: walletWriter,
        payments,
        processor,
        webhookSecret: options.cards?.STRIPE_WEBHOOK_SECRET,
      }),
    )
  const url = await http.listen({ host: '127.0.0.1', port: 0 })
  const sockets: Client[] = []
  await vi.waitUntil(() => hasBegun(hub), { timeout: 20_000 })

  const ask = async (
    user: UserId,
    query: string,
    variables: object = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> =>
    answerOf(
      await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user-id': user, ...headers },
        body: JSON.stringify({ query, variables }),
      }),
    )

  return {
    url: `${url}/graphql`,
    hub,
    http,
    client,

    /** Sends whatever it is given. */
    send: async (request: RequestInit, query = ''): Promise<Answer> =>
      answerOf(await fetch(`${url}/graphql${query}`, request)),

    ask,

    /** Waits for as long as it takes until a token's writes can be read, which queries do for two seconds. */
    caughtUp: (token: string): Promise<void> =>
      readModels.reached(
        positionOf(token),
        20_000,
        'orders',
        'wallets',
        'ledger',
        'payments',
        'stats',
        'stock',
        'carts',
        'topUps',
        'notifications',
      ),

    /** Asks for a file. */
    download: (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
      fetch(`${url}${path}`, { headers }),

    /** Places an order of 7.00 EUR. */
    place: async (user: UserId) => {
      const answer = await ask(user, placeOrder, { key: randomUUID() })
      return Placed.parse(answer.data).placeOrder
    },

    /** A graphql-ws client that says who it is as a browser does: a user, or what it is given to say. */
    socket: (who: string | Readonly<Record<string, string>>): Client => {
      const socket = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: typeof who === 'string' ? { 'X-User-ID': who } : who,
        retryAttempts: 0,
      })
      sockets.push(socket)
      return socket
    },

    /** What the orders service does when the money has arrived. */
    pay: (id: string) =>
      orderWriter.transact(OrderId.parse(id), pay(), { cause: begin(randomUUID(), 'orders') }),
    /** What the orders service does when the wallet is short. */
    failShort: (id: string, shortBy: number) =>
      orderWriter.transact(
        OrderId.parse(id),
        giveUp({ reason: 'INSUFFICIENT_FUNDS', shortBy: { amount: shortBy, currency: 'EUR' } }),
        {
          cause: begin(randomUUID(), 'orders'),
        },
      ),

    /** Position of the newest event that is not the server's own; it moves when anything is appended. */
    head: async (): Promise<bigint> => {
      let newest = -1n
      const newestFirst = client.readAll({ direction: BACKWARDS, fromPosition: END })
      // Read to its end: a read that is left early stays open in the client.
      for await (const { event } of newestFirst)
        if (newest < 0n && event && !event.type.startsWith('$')) newest = event.position?.commit ?? newest
      return newest
    },

    stop: async () => {
      for (const socket of sockets) await socket.dispose()
      await http.close()
      stopping.abort()
      await Promise.all(works)
      await mongo.close()
      await client.dispose()
    },
  }
}
/** The hub has to know where the read models are, before anybody can follow anything. */
const hasBegun = (hub: Hub): boolean => {
  try {
    return hub.position() >= 0n
  } catch {
    return false
  }
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>
