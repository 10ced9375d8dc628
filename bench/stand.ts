import type { EventStoreDBClient } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { httpClient } from '../client/http.ts'
import { operations } from '../client/operations.ts'
import type { Operations } from '../client/operations.ts'
import { watching } from '../client/watch.ts'
import { readModels as readModelsIn } from '../projections/readModels.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { eventStoreClient } from '../service/clients.ts'
import type { System } from '../start/system.ts'
import { followCompletions } from './completions.ts'
import type { Completions } from './completions.ts'

/** Everything that a load run needs: people with full wallets, and a way to know when orders are completed. */
export interface Stand {
  readonly users: readonly string[]
  readonly api: Operations
  readonly completions: Completions
  /** The one client of the event store that this process has. */
  readonly events: EventStoreDBClient
  readonly readModels: ReadModels
  readonly close: () => Promise<void>
}

export interface StandOptions {
  readonly wallets: number
  readonly clients: number
  /** Each person also watches all of their orders over a WebSocket of their own. */
  readonly watch: boolean
}

const PATIENCE = 60_000
const PLENTY = { amount: 1_000_000_000_000, currency: 'EUR' }

/** Opens and fills a wallet for each of as many new people. */
export const stand = async (system: System, { wallets, clients, watch }: StandOptions): Promise<Stand> => {
  const http = httpClient(system.addresses.graphql, Math.max(clients, 8))
  const api = operations(http)
  const events = eventStoreClient(system.addresses.eventstore, 'bench')
  const mongo = await new MongoClient(system.addresses.mongodb).connect()
  const readModels = readModelsIn({ db: mongo.db('counterfoil'), deadline: 10_000 })
  const closing = new AbortController()
  const reached = (position: bigint) => readModels.reached(position, PATIENCE, 'orders')
  const completions = await followCompletions(events, reached, closing.signal)

  const users = Array.from({ length: wallets }, () => randomUUID())
  const watchers = watch ? users.map((user) => watching(system.addresses.graphql, user)) : []
  const watched = watchers.map(async (watcher) => {
    for await (const _ of watcher.myOrders()) continue
  })
  await Promise.all(
    users.map(async (user) => {
      await api.openWallet(user, 'EUR', 'open')
      const filled = await api.deposit(user, PLENTY, 'fill')
      if (filled.__typename !== 'Wallet') throw new Error(filled.message)
    }),
  )
  return {
    users,
    api,
    completions,
    events,
    readModels,
    close: async () => {
      for (const watcher of watchers) await watcher.close()
      await Promise.allSettled(watched)
      closing.abort()
      await http.close()
      await mongo.close()
      await events.dispose()
    },
  }
}
