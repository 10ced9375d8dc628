import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { eventStoreAnswers, mongoAnswers } from './checks.ts'
import { eventStoreClient, mongoClient, withoutSecrets } from './clients.ts'
import type { Service } from './run.ts'

type Part<S> = Pick<Service<S>, 'name' | 'settings' | 'log' | 'check' | 'closing'>

/** The service's connection to EventStoreDB: on /readyz, and closed at the end. */
export const eventStoreFor = ({
  name,
  settings: { EVENTSTORE_URL: url },
  log,
  check,
  closing,
}: Part<{ readonly EVENTSTORE_URL: string }>): EventStoreDBClient => {
  const client = eventStoreClient(url, name)
  check(eventStoreAnswers(client))
  closing('eventstore', () => client.dispose())
  log.info({ url: withoutSecrets(url) }, 'event store')
  return client
}

/** The service's MongoDB database: on /readyz, and closed at the end. */
export const databaseFor = ({
  name,
  settings: { MONGODB_URL: url, MONGODB_DATABASE: database },
  log,
  check,
  closing,
}: Part<{ readonly MONGODB_URL: string; readonly MONGODB_DATABASE: string }>): Db => {
  const client = mongoClient(url, name)
  check(mongoAnswers(client))
  closing('mongodb', () => client.close())
  log.info({ url: withoutSecrets(url), database }, 'document store')
  return client.db(database)
}
