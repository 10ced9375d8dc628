import {
  PARK,
  RETRY,
  SKIP,
  STOP,
  streamNameFilter,
  type EventStoreDBClient,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client'

import { newStream, noteOf } from './server.ts'

export type Consumer = PersistentSubscriptionToAll | PersistentSubscriptionToStream
export type Answer = 'ack' | 'retry' | 'park' | 'skip' | 'stop' | 'none'
export type Decide = (note: string, retries: number) => Answer

type Delivery = Parameters<Consumer['ack']>[0] & { readonly retryCount: number }

const noteAndRetries = (delivery: Delivery): string =>
  delivery.retryCount === 0 ? noteOf(delivery) : `${noteOf(delivery)}+${delivery.retryCount}`

async function respond(consumer: Consumer, delivery: Delivery, answer: Answer): Promise<void> {
  if (answer === 'ack') await consumer.ack(delivery)
  else if (answer === 'park') await consumer.nack(PARK, 'unheard of', delivery)
  else if (answer === 'retry') await consumer.nack(RETRY, 'not now', delivery)
  else if (answer === 'skip') await consumer.nack(SKIP, '', delivery)
  else if (answer === 'stop') await consumer.nack(STOP, '', delivery)
}

/** Consumes until `count` deliveries have come; `decide` says what is answered to each. */
export async function consume(
  consumer: Consumer,
  count: number,
  decide: Decide = () => 'ack',
): Promise<string[]> {
  const seen: string[] = []
  for await (const delivery of consumer) {
    seen.push(noteAndRetries(delivery))
    await respond(consumer, delivery, decide(noteOf(delivery), delivery.retryCount))
    if (seen.length >= count) break
  }
  return seen
}

/** What a consumer that stays has been sent so far. */
export interface Gathering {
  readonly seen: string[]
  readonly deliveries: Delivery[]
}

/**
 * Consumes until the consumer is unsubscribed; resolves once it is connected. To be called as soon as there is
 * a consumer, since it says only once that it is connected.
 */
export async function gather(consumer: Consumer, decide: Decide = () => 'ack'): Promise<Gathering> {
  const gathering: Gathering = { seen: [], deliveries: [] }
  const connected = new Promise<void>((resolve, reject) => {
    consumer.once('confirmation', resolve)
    consumer.once('error', reject)
  })
  consumer.on('data', (delivery: Delivery) => {
    gathering.seen.push(noteAndRetries(delivery))
    gathering.deliveries.push(delivery)
    respond(consumer, delivery, decide(noteOf(delivery), delivery.retryCount)).catch((error: unknown) =>
      consumer.destroy(error instanceof Error ? error : new Error(String(error))),
    )
  })
  await connected
  return gathering
}

export interface Scene {
  readonly category: string
  readonly group: string
  readonly filter: ReturnType<typeof streamNameFilter>
}

export function newScene(): Scene {
  const category = newStream('scene').replaceAll('-', '')
  return { category, group: `of-${category}`, filter: streamNameFilter({ prefixes: [`${category}-`] }) }
}

export async function parkedCount(client: EventStoreDBClient, group: string): Promise<number> {
  return Number((await client.getPersistentSubscriptionToAllInfo(group)).stats.parkedMessageCount)
}

/** The streams that a group keeps its own records in. */
export const parkedStreamOf = (source: string, group: string): string =>
  `$persistentsubscription-${source}::${group}-parked`
export const checkpointStreamOf = (source: string, group: string): string =>
  `$persistentsubscription-${source}::${group}-checkpoint`
