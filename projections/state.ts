import type { Db } from 'mongodb'
import { z } from 'zod'
import { inTime, MONGO_DEADLINE } from './limits.ts'

/** Collection of what is known of each projection beside its documents. */
export const STATES = 'projections'

const At = z.iso.datetime()

/** The event that a read model can't get past. */
const Stop = z.object({
  /** Where it was folding to: the serving collection, or one that is being built. */
  collection: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.int(),
  position: z.int(),
  /** Why, in the words of the fault. */
  fault: z.string(),
  at: At,
})
export type Stop = z.infer<typeof Stop>

/** Somebody wants a read model to be built again. */
const Request = z.object({ id: z.string(), verify: z.boolean(), at: At })
export type Request = z.infer<typeof Request>

/** A read model that is being built beside the serving one. */
const Build = Request.extend({
  /** Version of the projection that it is built with. */
  version: z.int(),
  startedAt: At,
  /** Events folded so far. */
  events: z.int(),
  /** How far it is, and how far it has to go: positions of the log. */
  position: z.int(),
  head: z.int(),
  phase: z.enum(['FOLDING', 'INDEXING', 'VERIFYING', 'SWITCHING']),
  /** What the new collection was when the switch began: tells, after a crash, whether it has happened. */
  uuid: z.string().optional(),
})
export type Build = z.infer<typeof Build>

/** How much of the log is folded, from 0 to 100. */
export const percentOf = ({ position, head }: Pick<Build, 'position' | 'head'>): number =>
  head === 0 ? 100 : Math.min(100, Math.floor((100 * position) / head))

/** How the last build ended. */
const Built = z.object({
  id: z.string(),
  verify: z.boolean(),
  version: z.int(),
  at: At,
  events: z.int(),
  seconds: z.number(),
  outcome: z.enum(['SWITCHED', 'DIFFERS']),
  /** Documents that were compared with the serving ones; absent if nobody asked, or there was nothing to compare. */
  compared: z.int().optional(),
  /** Ids of some documents that were not equal to the serving ones. */
  differing: z.array(z.string()),
})
export type Built = z.infer<typeof Built>

/** What is known of a projection; absent parts are not so. */
export const ProjectionState = z.object({
  _id: z.string(),
  /** Version of the projection that made the serving documents; absent before anybody has folded any. */
  version: z.int().optional(),
  stopped: Stop.optional(),
  requested: Request.optional(),
  build: Build.optional(),
  built: Built.optional(),
})
export type ProjectionState = z.infer<typeof ProjectionState>

export type StateChange = {
  readonly [K in keyof Omit<ProjectionState, '_id'>]?: ProjectionState[K] | undefined
}

const collectionOf = (db: Db) => db.collection<{ _id: string; [part: string]: unknown }>(STATES)

/** The states of all projections that have any, by name. */
export const readStates = async (
  db: Db,
  deadline = MONGO_DEADLINE,
): Promise<ReadonlyMap<string, ProjectionState>> => {
  const found = await inTime(collectionOf(db).find({}).toArray(), deadline)
  const states = found.map((raw) => ProjectionState.parse(raw))
  return new Map(states.map((state) => [state._id, state]))
}

/** Sets parts of a projection's state; those given as undefined are taken away. */
export const changeState = async (db: Db, projection: string, change: StateChange): Promise<void> => {
  const entries = Object.entries(change)
  const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  const unset = Object.fromEntries(
    entries.filter(([, value]) => value === undefined).map(([key]) => [key, true as const]),
  )
  await inTime(
    collectionOf(db).updateOne(
      { _id: projection },
      {
        ...(Object.keys(set).length > 0 ? { $set: set } : {}),
        ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}),
      },
      { upsert: true },
    ),
  )
}
