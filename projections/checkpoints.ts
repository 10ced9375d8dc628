import type { Db } from 'mongodb'
import { z } from 'zod'
import { inTime } from './limits.ts'

/** Collection in which each collection of documents notes how far it has come. */
export const CHECKPOINTS = 'checkpoints'

const Checkpoint = z.object({
  /** The collection's name. */
  _id: z.string(),
  /** Commit position up to which everything is folded in. */
  position: z.int(),
})

/** The positions that all collections have reached which were begun. */
export const everyCheckpoint = async (db: Db, deadline: number): Promise<ReadonlyMap<string, bigint>> => {
  const positions = new Map<string, bigint>()
  const found = db.collection(CHECKPOINTS).find({}).toArray()
  for (const raw of await inTime(found, deadline)) {
    const { _id, position } = Checkpoint.parse(raw)
    positions.set(_id, BigInt(position))
  }
  return positions
}

/** The positions that the named collections have reached; 0 for one that has not begun. */
export const readCheckpoints = async (
  db: Db,
  names: readonly string[],
  deadline: number,
): Promise<ReadonlyMap<string, bigint>> => {
  const every = await everyCheckpoint(db, deadline)
  return new Map(names.map((name) => [name, every.get(name) ?? 0n]))
}

/** The position that all of them have reached. */
export const lowest = (positions: Iterable<bigint>): bigint => {
  const all = [...positions]
  return all.reduce((least, position) => (position < least ? position : least), all[0] ?? 0n)
}
