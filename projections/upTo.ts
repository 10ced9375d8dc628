import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { setTimeout as delay } from 'node:timers/promises'
import { foldables } from './all.ts'
import { readCheckpoints } from './checkpoints.ts'
import type { Foldable } from './folder.ts'
import { MONGO_DEADLINE } from './limits.ts'
import { runProjections } from './runner.ts'

export interface UpToOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly position: bigint
  readonly projections?: readonly Foldable[]
  readonly now: () => Date
  readonly newId: () => string
  /** Told of each batch that is written. */
  readonly wrote?: (events: number, position: bigint) => void
}

const POLL = 10

/**
 * Folds the log into a database until every projection has reached a position, with its indexes made, or can't go
 * on, and ends there.
 * Servers must be up: a fault is thrown. Answers the names of those that could not go on.
 */
export const projectUpTo = async (options: UpToOptions): Promise<readonly string[]> => {
  const { db, position, projections = foldables, wrote, ...rest } = options
  const names = projections.map(({ name }) => name)
  const done = new AbortController()
  const stopped = new Set<string>()
  const keepUp = new Set<string>()
  const ended = runProjections({
    ...rest,
    db,
    projections,
    signal: done.signal,
    observer: {
      wrote: (events, reached) => wrote?.(events, reached),
      retried: (fault) => done.abort(fault),
      stopped: (projection) => stopped.add(projection),
      keepsUp: (projection) => keepUp.add(projection),
    },
  })
  try {
    for (let reached = false; !reached && !done.signal.aborted;) {
      await Promise.race([ended, delay(POLL)])
      const positions = await readCheckpoints(db, names, MONGO_DEADLINE)
      const isThere = (name: string) => keepUp.has(name) && (positions.get(name) ?? 0n) >= position
      reached = names.every((name) => stopped.has(name) || isThere(name))
    }
    done.signal.throwIfAborted()
  } finally {
    done.abort()
    await ended
  }
  return [...stopped]
}
