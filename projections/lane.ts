import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { setImmediate as turn } from 'node:timers/promises'
import { pause } from '../eventstore/pause.ts'
import type { Catalogue } from '../eventstore/catalogue.ts'
import { catchUp, isUnreadable } from '../eventstore/catchUp.ts'
import type { Batch, Met } from '../eventstore/catchUp.ts'
import { codecOf } from '../eventstore/codec.ts'
import { readLog } from '../eventstore/readLog.ts'
import { turns } from '../eventstore/turns.ts'
import type { AnyEvent, Changed, Folder } from './folder.ts'
import { MAX_AHEAD, MAX_BATCH, MAX_WRITE } from './limits.ts'
import { DocumentRefused, writeChanges } from './write.ts'
import type { Change } from './write.ts'

/** A folder could not go on. `event`: the one that it stopped at, where that is known. */
export interface Failure {
  readonly folder: Folder
  readonly fault: unknown
  readonly event: Met<AnyEvent> | undefined
}

export interface LaneOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly signal: AbortSignal
  /** Sits out passing faults of both servers. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>
  readonly onFault: (fault: unknown) => void
  /** What is read, whoever folds it. */
  readonly events: Catalogue
  readonly from: bigint
  readonly folders: readonly Folder[]
  /** Begins with one event at a time, so that it is known which one a folder fails at. */
  readonly careful: boolean
  /** Told when a batch is written. */
  readonly wrote: (events: number, position: bigint, newest: Date | undefined) => void
  /** Told of each folder that failed, when all that it folded before is written. The others go on. */
  readonly failed: (failure: Failure) => void
  /** Asked after each batch, and now and then when there is none; true ends the lane. */
  readonly isDone?: (lane: Lane) => Promise<boolean>
}

/** Folders that share one subscription, each batch of it, and one write for each batch. */
export interface Lane {
  /** Up to where everything is written. */
  readonly position: () => bigint
  readonly folders: () => readonly Folder[]
  readonly add: (folder: Folder) => void
  readonly remove: (folder: Folder) => void
  /** Runs until the signal is aborted or `isDone`. */
  readonly run: () => Promise<void>
  /** Does a piece of work while nothing is being folded, and everything that was is written. */
  readonly between: <T>(work: () => Promise<T>) => Promise<T>
  /** Folds and writes all up to a position; from `isDone` only. */
  readonly advance: (position: bigint) => Promise<void>
}

/**
 * Milliseconds between two writes when much is arriving, so that more events share one; none when little is.
 */
const MAX_PAUSE = 8
/** Milliseconds between two questions whether an idle lane is done. */
const IDLE = 250
/** A careful lane takes one event at a time for as long as what somebody else failed at may last. */
const CAREFUL_EVENTS = 2 * MAX_WRITE

export const laneOf = (options: LaneOptions): Lane => {
  const { client, db, patiently, wrote, failed, isDone } = options
  const codec = codecOf(options.events)
  const folders = new Set(options.folders)
  const inTurn = turns()
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  let position = options.from
  let folded = options.from
  let carefulFor = options.careful ? CAREFUL_EVENTS : 0
  let unwritten = nothingFolded()
  let writing: Promise<void> | undefined
  let current = Promise.resolve()
  let broken: { readonly fault: unknown } | undefined
  let failures: Failure[] = []

  const giveUp = (folder: Folder, fault: unknown, { events, last }: Extent) => {
    folders.delete(folder)
    failures.push({ folder, fault, event: events === 1 ? last : undefined })
  }

  const fold = async (batch: Batch<AnyEvent>): Promise<readonly Change[]> => {
    const changes = async ([folder, events]: readonly [Folder, readonly Met<AnyEvent>[]]): Promise<
      readonly Change[]
    > => {
      try {
        return [{ folder, documents: await patiently(() => folder.fold(events)) }]
      } catch (fault) {
        if (signal.aborted) throw fault
        giveUp(folder, fault, extentOf(batch))
        return []
      }
    }
    return (await Promise.all([...sorted(batch, folders)].map(changes))).flat()
  }

  const write = async (next: Unwritten): Promise<void> => {
    const changes = [...folders].map((folder) => ({
      folder,
      documents: [...(next.documents.get(folder)?.values() ?? [])],
    }))
    let again = false
    const put = (some: readonly Change[]) =>
      patiently(() => {
        const written = writeChanges(db, some, { position: next.position, again })
        again = true
        return written
      })
    try {
      await put(changes)
    } catch (fault) {
      if (!(fault instanceof DocumentRefused)) throw fault
      // Each for itself, to see whose it is.
      for (const change of changes)
        try {
          await put([change])
        } catch (own) {
          if (!(own instanceof DocumentRefused)) throw own
          giveUp(change.folder, own, next)
        }
    }
    position = next.position
    wrote(next.events, position, next.last && timeOf(next.last))
    const toReport = failures
    failures = []
    for (const failure of toReport) failed(failure)
  }

  const pauseAfter = async (events: number) => {
    if (events > 1 && events < MAX_AHEAD) await pause(Math.min(events, MAX_PAUSE), signal)
  }

  /** Each write takes all that was folded since the last one began. */
  const writeAll = async (): Promise<void> => {
    try {
      do {
        const next = unwritten
        unwritten = nothingFolded()
        current = write(next).then(() => pauseAfter(next.events))
        await current
      } while (unwritten.position > position)
    } catch (fault) {
      broken = { fault }
      ending.abort(fault)
    }
    writing = undefined
  }

  const settled = async () => {
    await writing
    if (broken) throw broken.fault
  }

  /** Folding goes on while what was folded before is being written. */
  const take = async (batch: Batch<AnyEvent>): Promise<void> => {
    if (unwritten.events >= MAX_AHEAD) await current
    if (broken) throw broken.fault
    const changes = await fold(batch)
    // Only now, as a write may have begun meanwhile.
    keep(unwritten, changes, batch)
    folded = batch.position
    writing ??= writeAll()
  }

  const step = async ({ events, position: reached }: Batch<AnyEvent>): Promise<void> => {
    if (carefulFor === 0 || events.length === 0) return take({ events, position: reached })
    for (const event of events) {
      await take({ events: [event], position: event.position })
      await settled()
    }
    carefulFor = Math.max(0, carefulFor - events.length)
  }

  const follow = async () => {
    const { onFault } = options
    for await (const batch of catchUp({
      client,
      codec,
      from: position,
      maxBatch: MAX_BATCH,
      signal,
      onFault,
    })) {
      await inTurn(async () => {
        if (signal.aborted) return
        await step(batch)
        await endIf(isDone)
      })
      // More is waiting: sockets get their turn first.
      if (batch.events.length === MAX_BATCH) await turn()
    }
  }

  const endIf = async (isDone: LaneOptions['isDone']) => {
    if (!signal.aborted && (await isDone?.(lane))) ending.abort()
  }

  /** Where nothing comes any more there is no batch after which to ask. */
  const askWhileIdle = async (isDone: NonNullable<LaneOptions['isDone']>) => {
    while (!signal.aborted) {
      await inTurn(() => endIf(isDone))
      await pause(IDLE, signal)
    }
  }

  const lane: Lane = {
    position: () => position,
    folders: () => [...folders],
    add: (folder) => void folders.add(folder),
    remove: (folder) => void folders.delete(folder),

    run: async () => {
      await Promise.all([follow(), ...(isDone ? [askWhileIdle(isDone)] : [])])
      await settled()
    },

    between: (work) =>
      inTurn(async () => {
        await settled()
        return work()
      }),

    advance: async (to) => {
      for await (const events of readLog(client, codec, folded, to)) {
        const last = events.at(-1)
        if (last) await step({ events, position: last.position })
      }
      if (folded < to) await step({ events: [], position: to })
      await settled()
    },
  }
  return lane
}

/** To each folder the events of its types: it need not look at all the others. */
const sorted = (
  { events }: Batch<AnyEvent>,
  folders: ReadonlySet<Folder>,
): ReadonlyMap<Folder, readonly Met<AnyEvent>[]> => {
  const mine = new Map<Folder, Met<AnyEvent>[]>()
  const taking = new Map<string, readonly Met<AnyEvent>[][]>()
  const takers = (type: string): readonly Met<AnyEvent>[][] =>
    [...folders]
      .filter(({ events }) => type in events)
      .map((folder) => {
        const own = mine.get(folder) ?? []
        mine.set(folder, own)
        return own
      })
  for (const event of events) {
    const { type } = event
    const own = taking.get(type) ?? takers(type)
    taking.set(type, own)
    for (const each of own) each.push(event)
  }
  return mine
}

/** Events that came one after another: how many, and where the last of them ends. */
interface Extent {
  events: number
  last: Met<AnyEvent> | undefined
}

/** What was folded since the last write began: not the events, which are many and have done their work. */
interface Unwritten extends Extent {
  readonly documents: Map<Folder, Map<string, Changed>>
  position: bigint
}

const nothingFolded = (): Unwritten => ({ documents: new Map(), events: 0, last: undefined, position: 0n })

const extentOf = ({ events }: Batch<AnyEvent>): Extent => ({ events: events.length, last: events.at(-1) })

const keep = (
  unwritten: Unwritten,
  changes: readonly Change[],
  { events, position }: Batch<AnyEvent>,
): void => {
  for (const { folder, documents } of changes) {
    const kept = unwritten.documents.get(folder) ?? new Map<string, Changed>()
    for (const { document, isNew } of documents)
      kept.set(document._id, { document, isNew: kept.get(document._id)?.isNew ?? isNew })
    unwritten.documents.set(folder, kept)
  }
  unwritten.events += events.length
  unwritten.last = events.at(-1) ?? unwritten.last
  unwritten.position = position
}

const timeOf = (event: Met<AnyEvent>): Date | undefined =>
  isUnreadable(event) ? undefined : new Date(event.metadata.at)
