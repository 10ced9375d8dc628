import { FORWARDS, START } from '@eventstore/db-client'
import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client'
import { decode } from './catchUp.ts'
import type { Met } from './catchUp.ts'
import type { Codec } from './codec.ts'
import { within } from './deadline.ts'
import { READ_DEADLINE } from './read.ts'

/** Events of one read call. Each is read to its end, as one that is left early stays open in the client. */
const PAGE = 1_000

/**
 * The events of a codec's types after one position of the log and up to another, page by page. Unlike a
 * subscription it is known to be complete when it ends.
 */
export async function* readLog<E>(
  client: EventStoreDBClient,
  codec: Codec<E>,
  after: bigint,
  upTo: bigint,
): AsyncGenerator<readonly Met<E>[]> {
  const types = new Set(codec.types)
  for (let position = after; position < upTo;) {
    const page = await within(READ_DEADLINE, 'reading the log', pageAfter(client, position))
    const events = page
      .filter(({ event }) => event !== undefined && types.has(event.type))
      .map((resolved) => decode(codec, resolved))
      .filter((event) => event.position <= upTo)
    yield events
    const last = page.at(-1)?.commitPosition
    if (last === undefined) return
    position = last
  }
}

const pageAfter = async (
  client: EventStoreDBClient,
  position: bigint,
): Promise<readonly AllStreamResolvedEvent[]> => {
  const fromPosition = position === 0n ? START : { commit: position, prepare: position }
  const read = client.readAll({
    direction: FORWARDS,
    fromPosition,
    // The one at the position itself comes first, and was seen.
    maxCount: PAGE + 1,
    deadline: READ_DEADLINE,
  })
  const page: AllStreamResolvedEvent[] = []
  for await (const resolved of read) if ((resolved.commitPosition ?? 0n) > position) page.push(resolved)
  return page
}
