import { LRUCache } from 'lru-cache'
import type { Db } from 'mongodb'
import type { Catalogue, EventOf } from '../eventstore/catalogue.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { Seen } from './projection.ts'
import type { Projection, View } from './projection.ts'

/** Any event of any catalogue. */
export interface AnyEvent {
  readonly type: string
  readonly data: unknown
}

/** A document as it is written: the view, and what it has seen of the log. */
export type Stored = View & Seen

/** One projection at work: turns a batch of events into the documents that have changed. */
export interface Folder {
  readonly name: string
  readonly events: Catalogue
  /**
   * Creates the collection's indexes where they are missing. What is beyond the head of the log at this moment
   * has not been folded by anybody yet.
   */
  prepare(head: bigint): Promise<void>
  /** Folds the events that it cares about; what a document has seen already changes nothing. */
  fold(events: readonly Recorded<AnyEvent>[]): Promise<readonly Stored[]>
}

interface Known<V> {
  readonly view: V
  readonly seen: Seen['seen']
}

/** Documents kept in memory by the only writer, so that following events need no read. */
const CACHED_DOCUMENTS = 20_000

/** Milliseconds that MongoDB has for an answer. */
const DEADLINE = 10_000

export const folderOf = <C extends Catalogue, V extends View>(
  projection: Projection<C, V>,
  db: Db,
): Folder => {
  const { name, events: catalogue, view } = projection
  const cache = new LRUCache<string, Known<V>>({ max: CACHED_DOCUMENTS })
  const collection = db.collection<{ _id: string }>(name)
  const concerns = (event: Recorded<AnyEvent>): event is Recorded<EventOf<C>> => event.type in catalogue

  /** No event after this position is in any document yet: what it begins need not be looked for. */
  let unseenAfter = 0n
  const isNew = (event: Recorded<EventOf<C>>) => event.position > unseenAfter && projection.begins(event)

  const load = async (ids: ReadonlySet<string>): Promise<Map<string, Known<V>>> => {
    const known = new Map<string, Known<V>>()
    const missing: string[] = []
    for (const id of ids) {
      const cached = cache.get(id)
      if (cached) known.set(id, cached)
      else missing.push(id)
    }
    if (missing.length === 0) return known
    const found = collection.find({ _id: { $in: missing } }, { timeoutMS: DEADLINE })
    for await (const raw of found) {
      const parsed = view.parse(raw)
      known.set(parsed._id, { view: parsed, seen: Seen.parse(raw).seen })
    }
    return known
  }

  return {
    name,
    events: catalogue,
    prepare: async (head) => {
      unseenAfter = (await collection.findOne({}, { timeoutMS: DEADLINE })) ? head : 0n
      for (const index of projection.indexes) await collection.createIndex(index, { timeoutMS: DEADLINE })
    },
    fold: async (events) => {
      const mine = events.filter(concerns)
      const older = mine.filter((event) => !isNew(event)).map((event) => projection.id(event))
      const documents = await load(new Set(older))
      const changed = new Map<string, Stored>()
      for (const event of mine) {
        const id = projection.id(event)
        const before = documents.get(id)
        const category = event.stream.slice(0, event.stream.indexOf('-'))
        if (event.revision <= (before?.seen[category] ?? -1)) continue
        const after = {
          view: projection.apply(before?.view, event),
          seen: { ...before?.seen, [category]: event.revision },
        }
        documents.set(id, after)
        cache.set(id, after)
        changed.set(id, { ...after.view, seen: after.seen, position: Number(event.position) })
      }
      return [...changed.values()]
    },
  }
}
