import { Binary, MongoServerError } from 'mongodb'
import type { Db } from 'mongodb'
import { z } from 'zod'
import { CHECKPOINTS } from './checkpoints.ts'
import type { Foldable } from './folder.ts'
import { inTime } from './limits.ts'
import { changeState } from './state.ts'
import type { Build, Built, Request } from './state.ts'

/** The collection in which a read model is built while the one of its own name serves. */
export const nextOf = (projection: string): string => `${projection}.next`

const NAMESPACE_NOT_FOUND = 26

const dropIfThere = async (db: Db, collection: string): Promise<void> => {
  try {
    await inTime(db.dropCollection(collection))
  } catch (fault) {
    if (!(fault instanceof MongoServerError && fault.code === NAMESPACE_NOT_FOUND)) throw fault
  }
}

/** Notes that a build begins, from nothing. */
export const beginBuild = async (
  db: Db,
  { name, version }: Foldable,
  { id, verify, at }: Request,
  head: bigint,
  now: Date,
): Promise<Build> => {
  const build: Build = {
    id,
    verify,
    at,
    version,
    startedAt: now.toISOString(),
    events: 0,
    position: 0,
    head: Number(head),
    phase: 'FOLDING',
  }
  await dropIfThere(db, nextOf(name))
  await inTime(db.collection<{ _id: string }>(CHECKPOINTS).deleteOne({ _id: nextOf(name) }))
  await changeState(db, name, { build, requested: undefined, stopped: undefined })
  return build
}

const CollectionInfo = z.object({ info: z.object({ uuid: z.instanceof(Binary) }) })

/** What MongoDB calls a collection whatever its name is; undefined if there is none. */
const uuidOf = async (db: Db, collection: string): Promise<string | undefined> => {
  const [raw] = await inTime(db.listCollections({ name: collection }).toArray())
  return raw ? CollectionInfo.parse(raw).info.uuid.toString('hex') : undefined
}

/** Notes that the new documents are to serve from now on, and what a crash from here on has to make good. */
export const beginSwitch = async (
  db: Db,
  projection: string,
  build: Build,
  position: bigint,
  built: Built,
): Promise<Build> => {
  const uuid = await uuidOf(db, nextOf(projection))
  const switching: Build = {
    ...build,
    position: Number(position),
    phase: 'SWITCHING',
    ...(uuid ? { uuid } : {}),
  }
  await changeState(db, projection, { build: switching, built })
  return switching
}

/**
 * Lets the new documents serve, from wherever an earlier try was cut short. For readers the rename is all, and
 * one step; until the checkpoint follows, it says less than is there.
 */
export const finishSwitch = async (db: Db, projection: string, build: Build): Promise<void> => {
  const next = nextOf(projection)
  // Without a document there may be no collection to rename; the old documents have to go all the same.
  if (build.uuid === undefined) await dropIfThere(db, projection)
  else if ((await uuidOf(db, projection)) !== build.uuid)
    await inTime(db.renameCollection(next, projection, { dropTarget: true }))
  const checkpoints = db.collection<{ _id: string; position: number }>(CHECKPOINTS)
  const position = { position: build.position }
  await inTime(checkpoints.replaceOne({ _id: projection }, position, { upsert: true }))
  await inTime(checkpoints.deleteOne({ _id: next }))
  await changeState(db, projection, { version: build.version, build: undefined, stopped: undefined })
}

/** Ends a build without a switch; what was built stays to be looked at until the next build. */
export const giveBuildUp = async (db: Db, projection: string, built: Built): Promise<void> => {
  await changeState(db, projection, { build: undefined, built })
}
