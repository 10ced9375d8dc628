import {
  PARK,
  RETRY,
  SKIP,
  streamNameFilter,
  type EventStoreDBClient,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client'

import { newStream, noteOf } from './server.ts'

export type Consumer = PersistentSubscriptionToAll | PersistentSubscriptionToStream
export type Answer = 'ack' | 'retry' | 'park' | 'skip' | 'none'

/** Consumes until `count` deliveries have come; `decide` says what is answered to each. */
export async function consume(
  consumer: Consumer,
  count: number,
  decide: (note: string, retries: number) => Answer = () => 'ack',
): Promise<string[]> {
  const seen: string[] = []
  for await (const resolved of consumer) {
    const note = noteOf(resolved)
    seen.push(resolved.retryCount === 0 ? note : `${note}+${resolved.retryCount}`)
    const answer = decide(note, resolved.retryCount)
    if (answer === 'ack') await consumer.ack(resolved)
    else if (answer === 'park') await consumer.nack(PARK, 'unheard of', resolved)
    else if (answer === 'retry') await consumer.nack(RETRY, 'not now', resolved)
    else if (answer === 'skip') await consumer.nack(SKIP, '', resolved)
    if (seen.length >= count) break
  }
  return seen
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
