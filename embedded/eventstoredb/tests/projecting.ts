import type { AppendResult, DeleteResult, EventStoreDBClient, RecordedEvent } from '@eventstore/db-client'

import { z } from 'zod'

import { until } from './server.ts'

export const systemProjections = [
  '$streams',
  '$stream_by_category',
  '$by_category',
  '$by_event_type',
  '$by_correlation_id',
] as const

/** An event that a projection wrote, as a reader gets it who doesn't resolve links. */
export interface Projected {
  readonly type: string
  readonly data: string
  readonly metadata: Readonly<Record<string, unknown>>
}

const text = (value: unknown): string => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return value === undefined ? '' : JSON.stringify(value)
}

export function projectedBy(event: RecordedEvent): Projected {
  const metadata = z.record(z.string(), z.unknown()).parse(JSON.parse(text(event.metadata) || '{}'))
  return { type: event.type, data: text(event.data), metadata }
}

/** What can be read of a stream that a projection writes; nothing if there is no such stream. */
export async function outputIn(client: EventStoreDBClient, stream: string): Promise<Projected[]> {
  const output: Projected[] = []
  try {
    for await (const { event } of client.readStream(stream))
      if (event !== undefined) output.push(projectedBy(event))
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'stream-not-found') return []
    throw error
  }
  return output
}

export const linksIn = async (client: EventStoreDBClient, stream: string): Promise<string[]> =>
  (await outputIn(client, stream)).map(({ data }) => data)

const commitOf = (position: string): bigint => BigInt(/^C:(\d+)\//u.exec(position)?.[1] ?? '0')

/** Waits until every running projection has seen to what was written, and all that follows from it is there. */
export async function projected(
  client: EventStoreDBClient,
  { position }: AppendResult | DeleteResult,
): Promise<void> {
  const commit = position?.commit
  if (commit === undefined) throw new Error('What is written has a position.')
  await until(async () => {
    const running = (await client.listProjections()).filter((details) => details.status === 'Running')
    return running.every((details) => commitOf(details.position) >= commit)
  }, `the projections have come to ${commit}`)
}

export async function enableAll(client: EventStoreDBClient): Promise<void> {
  for (const name of systemProjections) await client.enableProjection(name)
}
