import { EventStoreDBClient } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import type { MongoClientOptions } from 'mongodb'

/** Milliseconds that a single call may take where nothing nearer to it says otherwise. */
const CALL_DEADLINE = 10_000

/** The options that a connection string gives by itself: they win over ours. */
const givenIn = (url: string): ReadonlySet<string> =>
  new Set([...new URLSearchParams(url.split('?')[1]).keys()].map((key) => key.toLowerCase()))

/** A client for `esdb://…`. It connects when it is first used, and again after a lost connection. */
export const eventStoreClient = (url: string, service: string): EventStoreDBClient => {
  const defaults = {
    connectionName: service,
    defaultDeadline: CALL_DEADLINE,
    keepAliveInterval: 10_000,
    keepAliveTimeout: 5_000,
  }
  const given = givenIn(url)
  const added = Object.entries(defaults).filter(([key]) => !given.has(key.toLowerCase()))
  const query = added.map(([key, value]) => `${key}=${value}`).join('&')
  return EventStoreDBClient.connectionString(query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url)
}

/** A client for `mongodb://…`. It connects when it is first used, and again after a lost connection. */
export const mongoClient = (url: string, service: string): MongoClient => {
  const defaults: MongoClientOptions = {
    appName: service,
    serverSelectionTimeoutMS: 3_000,
    connectTimeoutMS: 3_000,
    socketTimeoutMS: CALL_DEADLINE,
    waitQueueTimeoutMS: 5_000,
    maxPoolSize: 50,
  }
  const given = givenIn(url)
  const added = Object.entries(defaults).filter(([key]) => !given.has(key.toLowerCase()))
  return new MongoClient(url, Object.fromEntries(added))
}

/** A connection string as it may be shown: without user and password. */
export const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//***@')
