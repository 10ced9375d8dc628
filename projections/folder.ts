import { LRUCache } from 'lru-cache'
import type { Db } from 'mongodb'
import type { Catalogue, EventOf } from '../eventstore/catalogue.ts'
import { isUnreadable } from '../eventstore/catchUp.ts'
import type { Met } from '../eventstore/catchUp.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { INDEX_DEADLINE, inTime, MAX_WRITE } from './limits.ts'
import { Seen } from './projection.ts'
import type { Projection, View } from './projection.ts'

/** Any event of any catalogue. */
export interface AnyEvent {
  readonly type: string
  readonly data: unknown
}

/** Where an event stands. */
export type Place = Pick<Recorded<AnyEvent>, 'stream' | 'revision' | 'position'>

/** A document as it is written: the view, and what it has seen of the log. */
export type Stored = View & Seen

/** A document that events have changed. */
export interface Changed {
  readonly document: Stored
  /** There was none before. */
  readonly isNew: boolean
}

/** One projection at work on one collection: turns events into the documents that have changed. */
export interface Folder {
  readonly projection: string
  readonly events: Catalogue
  /** The collection that its documents are for; its checkpoint has the same name. */
  collection(): string
  /** Goes on with the same documents under another name. */
  moveTo(collection: string): void
  /** Looks at what is there. All up to the checkpoint was folded before. */
  prepare(checkpoint: bigint): Promise<void>
  /**
   * Makes the collection's indexes where they are missing. For a long log that is best done when it is folded: each
   * is then written once, in its own order, instead of a little everywhere with each document.
   */
  index(signal: AbortSignal): Promise<void>
  /** The checkpoint that it began with. */
  begun(): bigint
  /**
   * Folds the events that it cares about, in the order of the log; what was folded before changes nothing.
   * Throws at the first that can't be folded: the folder is then of no use any more.
   */
  fold(events: readonly Met<AnyEvent>[]): Promise<readonly Changed[]>
}

export interface FolderOptions {
  readonly db: Db
  readonly collection: string
  /** Events that somebody decided to leave out. */
  readonly isSkipped: (event: Place) => boolean
}

/** A projection without its types, ready to be put to work. */
export interface Foldable {
  readonly name: string
  readonly version: number
  readonly events: Catalogue
  readonly folderInto: (options: FolderOptions) => Folder
}

/** One collection that a projection folds into: the serving one, or the one that is being built. */
export interface Target {
  readonly projection: Foldable
  readonly collection: string
}

export const foldable = <C extends Catalogue, V extends View>(projection: Projection<C, V>): Foldable => ({
  name: projection.name,
  version: projection.version,
  events: projection.events,
  folderInto: (options) => folderOf(projection, options),
})

/**
 * Documents kept in memory by the only writer, so that following events need no read. All that are not written
 * yet must be among them: those of the write under way, and those of the next one.
 */
const CACHED_DOCUMENTS = 3 * MAX_WRITE

const folderOf = <C extends Catalogue, V extends View>(
  projection: Projection<C, V>,
  { db, collection: target, isSkipped }: FolderOptions,
): Folder => {
  const { events: catalogue, view } = projection
  const cache = new LRUCache<string, V & Seen>({ max: CACHED_DOCUMENTS })
  let collection = target
  let checkpoint = 0n
  /**
   * Whoever wrote before us may have been stopped between documents and checkpoint: the documents of one write
   * after the checkpoint may be there already. What is begun later than that need not be looked for.
   */
  let doubtful = 0
  const concerns = (event: Met<AnyEvent>): boolean =>
    event.type in catalogue && event.position > checkpoint && !isSkipped(event)
  const isReadable = (event: Met<AnyEvent>): event is Recorded<EventOf<C>> => {
    if (isUnreadable(event)) throw event.fault
    return true
  }

  const load = async (ids: ReadonlySet<string>): Promise<Map<string, V & Seen>> => {
    const known = new Map<string, V & Seen>()
    const missing: string[] = []
    for (const id of ids) {
      const cached = cache.get(id)
      if (cached) known.set(id, cached)
      else missing.push(id)
    }
    if (missing.length === 0) return known
    const found = db
      .collection<View>(collection)
      .find({ _id: { $in: missing } }, { batchSize: missing.length })
      .toArray()
    for (const raw of await inTime(found)) {
      const parsed = view.parse(raw)
      known.set(parsed._id, { ...parsed, ...Seen.parse(raw) })
    }
    return known
  }

  /** The documents that are there before these events. */
  const presentIn = (events: readonly Recorded<EventOf<C>>[]): ReadonlySet<string> => {
    const begun = new Set<string>()
    const present = new Set<string>()
    for (const [n, event] of events.entries()) {
      const id = projection.id(event)
      if (n >= doubtful && projection.begins(event)) begun.add(id)
      else if (!begun.has(id)) present.add(id)
    }
    return present
  }

  const seenBy = (before: Seen | undefined, { stream, revision }: Place): Seen['seen'] =>
    projection.sums ? {} : { ...before?.seen, [stream.slice(0, stream.indexOf('-'))]: revision }

  return {
    projection: projection.name,
    events: catalogue,
    collection: () => collection,
    moveTo: (name) => {
      collection = name
    },
    begun: () => checkpoint,
    prepare: async (reached) => {
      checkpoint = reached
      const some = await inTime(db.collection(collection).findOne({}))
      doubtful = some ? MAX_WRITE : 0
    },
    index: async (signal) => {
      if (projection.indexes.length === 0) return
      // The connection is silent while they are made, for longer than any other answer takes.
      const options = { comment: 'indexes of a read model', socketTimeoutMS: INDEX_DEADLINE }
      const made = db.collection(collection).createIndexes([...projection.indexes], options)
      await inTime(made, INDEX_DEADLINE, signal)
    },
    fold: async (events) => {
      const mine = events.filter(concerns).filter(isReadable)
      const documents = await load(presentIn(mine))
      doubtful = Math.max(0, doubtful - mine.length)
      const changed = new Map<string, { readonly document: V & Seen; readonly isNew: boolean }>()
      for (const event of mine) {
        const id = projection.id(event)
        const before = documents.get(id)
        if (before && event.position <= before.position) continue
        const document = {
          ...projection.apply(before, event),
          seen: seenBy(before, event),
          position: Number(event.position),
        }
        documents.set(id, document)
        changed.set(id, { document, isNew: changed.get(id)?.isNew ?? before === undefined })
      }
      const latest = [...changed.values()]
      for (const { document } of latest) cache.set(document._id, document)
      return latest
    },
  }
}
