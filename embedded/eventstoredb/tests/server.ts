import { randomUUID } from 'node:crypto'

import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  jsonEvent,
  type Position,
  type ReadStreamOptions,
  type ResolvedEvent,
} from '@eventstore/db-client'

import { EventStoreDBNode } from '../node.ts'

/** What the suite runs against: the server that EVENTSTORE_URL names, else a node of its own. */
export interface Server {
  /** As the official client takes it. */
  readonly url: string
  readonly client: EventStoreDBClient
  stop(): Promise<void>
}

/** As a real node starts: without projections, unless they are asked for. */
export async function startServer({ projections = false } = {}): Promise<Server> {
  const given = process.env['EVENTSTORE_URL']
  const node = given === undefined ? await EventStoreDBNode.start({ projections }) : undefined
  const url = node?.connectionString ?? given ?? ''
  const client = connect(url)
  return {
    url,
    client,
    stop: async () => {
      // The client waits for streams that a failed test has left half-read; the node needn't.
      void client.dispose()
      await node?.stop()
    },
  }
}

export const connect = (connectionString: string): EventStoreDBClient =>
  EventStoreDBClient.connectionString(connectionString)

export const noted = (note: string) => jsonEvent({ type: 'Noted', data: { note } })

/** Names are new each time, so that the suite can share a server. */
export const newStream = (category = 'note'): string => `${category}-${randomUUID()}`

export function noteOf({ event }: ResolvedEvent): string {
  const data: unknown = event?.data
  if (typeof data === 'object' && data !== null && 'note' in data) return String(data.note)
  return `(${event?.type ?? 'nothing'})`
}

export async function notesIn(
  client: EventStoreDBClient,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<string[]> {
  const notes: string[] = []
  for await (const resolved of client.readStream(stream, options)) notes.push(noteOf(resolved))
  return notes
}

export async function positionsFrom(events: AsyncIterable<ResolvedEvent>): Promise<bigint[]> {
  const positions: bigint[] = []
  for await (const { event } of events) positions.push(event?.position?.commit ?? -1n)
  return positions
}

/** Where `$all` ends just now, at its last event: what a test writes comes after it. */
export async function endOfAll(client: EventStoreDBClient): Promise<Position> {
  let end: Position | undefined
  for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })) {
    end = event?.position
  }
  if (end === undefined) throw new Error('A node begins with events of its own.')
  return end
}

export async function exists(client: EventStoreDBClient, stream: string): Promise<boolean> {
  try {
    await notesIn(client, stream)
    return true
  } catch {
    return false
  }
}

/** Takes the first events of an endless stream, then ends it. */
export async function take<Event>(
  subscription: AsyncIterable<Event> & { unsubscribe(): Promise<void> },
  count: number,
): Promise<Event[]> {
  const taken: Event[] = []
  for await (const event of subscription) {
    taken.push(event)
    if (taken.length >= count) break
  }
  await subscription.unsubscribe()
  return taken
}

/** Asks again until the answer is yes. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i)
