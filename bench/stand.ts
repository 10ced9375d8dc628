import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { httpClient } from '../client/http.ts'
import { operations } from '../client/operations.ts'
import type { Operations } from '../client/operations.ts'
import { watching } from '../client/watch.ts'
import { readModels } from '../projections/readModels.ts'
import type { System } from '../start/system.ts'
import { completions } from './completions.ts'
import type { Completions } from './completions.ts'

/** Everything that a load run needs: people with full wallets, who watch their orders. */
export interface Stand {
  readonly users: readonly string[]
  readonly api: Operations
  readonly completions: Completions
  readonly close: () => Promise<void>
}

const PATIENCE = 60_000
const PLENTY = { amount: 1_000_000_000_000, currency: 'EUR' }

/** Opens and fills a wallet for each of `wallets` new people and lets each watch all of their orders. */
export const stand = async (system: System, wallets: number, clients: number): Promise<Stand> => {
  const http = httpClient(system.addresses.graphql, Math.max(clients, 8))
  const api = operations(http)
  const mongo = await new MongoClient(system.addresses.mongodb).connect()
  const models = readModels({ db: mongo.db('counterfoil'), deadline: 10_000 })
  const completed = completions((position) => models.reached(position, PATIENCE))
  const users = Array.from({ length: wallets }, () => randomUUID())

  const watchers = users.map((user) => watching(system.addresses.graphql, user))
  const watched = watchers.map(async (watcher) => {
    for await (const update of watcher.myOrders()) completed.take(update)
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
    completions: completed,
    close: async () => {
      for (const watcher of watchers) await watcher.close()
      await Promise.allSettled(watched)
      await http.close()
      await mongo.close()
    },
  }
}
