import type { EventStoreDBClient } from '@eventstore/db-client'
import { setTimeout as delay } from 'node:timers/promises'
import { MongoError } from 'mongodb'
import type { ClientBulkWriteModel, Db } from 'mongodb'
import type { Catalogue } from '../eventstore/catalogue.ts'
import { catchUp, isUnreadable } from '../eventstore/catchUp.ts'
import type { Batch } from '../eventstore/catchUp.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { isPassing } from '../eventstore/faults.ts'
import { headOfLog } from '../eventstore/read.ts'
import { retrying } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import { CHECKPOINTS, lowest, readCheckpoints } from './checkpoints.ts'
import type { AnyEvent, Folder, Stored } from './folder.ts'
import type { View } from './projection.ts'

export interface RunnerObserver {
  /** A batch is written: how many events, up to where, and when the newest of them was decided. */
  wrote(events: number, position: bigint, newest: Date | undefined): void
  /** MongoDB or EventStoreDB failed in passing; it is tried again. */
  retried(fault: unknown): void
  /** A projection can't go on; the others do. */
  stopped(projection: string, fault: unknown): void
}

export interface RunnerOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly folders: readonly Folder[]
  readonly signal: AbortSignal
  readonly observer: RunnerObserver
}

/** Large enough to make a rebuild fast, small enough to be folded in some 20 ms. */
const MAX_BATCH = 2_000
const MONGO_DEADLINE = 10_000
/**
 * Milliseconds between two writes when much is arriving, so that more events share one; none when little is.
 */
const MAX_PAUSE = 8
/** MongoDB may be away for long: wait for it, and skip nothing. */
const WAITING: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 2_000 }

/**
 * Keeps the read models up with the log until the signal is aborted. All projections share one subscription;
 * a batch is folded in memory and written, documents first and checkpoints last, in one bulk write. One that
 * meets what it can't fold stops alone, with its checkpoint before that event.
 */
export const runProjections = async (options: RunnerOptions): Promise<void> => {
  try {
    await follow(options)
  } catch (fault) {
    // A wait that was cut short by the signal.
    if (!options.signal.aborted) throw fault
  }
}

const follow = async ({ client, db, folders, signal, observer }: RunnerOptions): Promise<void> => {
  const passing = (fault: unknown) => {
    const passes = fault instanceof MongoError || isPassing(fault)
    if (passes) observer.retried(fault)
    return passes
  }
  const patiently = <T>(work: () => Promise<T>): Promise<T> => retrying(WAITING, passing, work, signal)

  const head = await patiently(() => headOfLog(client))
  for (const folder of folders) await patiently(() => folder.prepare(head))
  const names = folders.map(({ name }) => name)
  const checkpoints = await patiently(() => readCheckpoints(db, names, MONGO_DEADLINE))
  const running = new Set(folders)
  const feed = catchUp({
    client,
    codec: codecOf(eventsOf(folders)),
    from: lowest(checkpoints.values()),
    maxBatch: MAX_BATCH,
    signal,
    onFault: (fault) => observer.retried(fault),
  })

  for await (const batch of feed) {
    const changes = async (folder: Folder): Promise<readonly Write[]> => {
      try {
        const changed = await patiently(() => fold(folder, batch))
        return changed.map((document) => replace(db, folder.name, document))
      } catch (fault) {
        if (signal.aborted) throw fault
        running.delete(folder)
        observer.stopped(folder.name, fault)
        return []
      }
    }
    const writes = (await Promise.all([...running].map(changes))).flat()
    for (const { name } of running)
      writes.push(replace(db, CHECKPOINTS, { _id: name, position: Number(batch.position) }))
    if (writes.length > 0)
      await patiently(() =>
        db.client.bulkWrite<Record<string, Written>>(writes, { ordered: true, timeoutMS: MONGO_DEADLINE }),
      )
    observer.wrote(batch.events.length, batch.position, newestOf(batch))
    const { length } = batch.events
    if (length > 1 && length < MAX_BATCH) await delay(Math.min(length, MAX_PAUSE), undefined, { signal })
  }
}

const eventsOf = (folders: readonly Folder[]): Catalogue =>
  Object.fromEntries(folders.flatMap(({ events }) => Object.entries(events)))

const fold = (folder: Folder, batch: Batch<AnyEvent>): Promise<readonly Stored[]> => {
  const events: Recorded<AnyEvent>[] = []
  for (const event of batch.events) {
    if (!(event.type in folder.events)) continue
    if (isUnreadable(event)) throw event.fault
    events.push(event)
  }
  return folder.fold(events)
}

/** Anything that is replaced whole by its id: documents and checkpoints. */
type Written = View & { readonly position: number }
type Write = ClientBulkWriteModel<Record<string, Written>>

const replace = (db: Db, collection: string, replacement: Written): Write => ({
  name: 'replaceOne',
  namespace: `${db.databaseName}.${collection}`,
  filter: { _id: replacement._id },
  replacement,
  upsert: true,
})

const newestOf = (batch: Batch<AnyEvent>): Date | undefined => {
  const newest = batch.events.at(-1)
  return newest && !isUnreadable(newest) ? new Date(newest.metadata.at) : undefined
}
