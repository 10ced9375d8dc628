import type { Db } from 'mongodb'
import { z } from 'zod'

/** Collection in which each projection notes how far it has come. */
export const CHECKPOINTS = 'checkpoints'

const Checkpoint = z.object({
  /** The projection's name. */
  _id: z.string(),
  /** Commit position up to which everything is folded in. */
  position: z.int(),
})

/** The positions that the named projections have reached; 0 for one that has not begun. */
export const readCheckpoints = async (
  db: Db,
  names: readonly string[],
  deadline: number,
): Promise<ReadonlyMap<string, bigint>> => {
  const positions = new Map(names.map((name) => [name, 0n]))
  const found = db.collection(CHECKPOINTS).find({}, { timeoutMS: deadline })
  for await (const raw of found) {
    const { _id, position } = Checkpoint.parse(raw)
    if (positions.has(_id)) positions.set(_id, BigInt(position))
  }
  return positions
}

/** The position that all of them have reached. */
export const lowest = (positions: Iterable<bigint>): bigint => {
  const all = [...positions]
  return all.reduce((least, position) => (position < least ? position : least), all[0] ?? 0n)
}
