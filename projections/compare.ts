import type { Db } from 'mongodb'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { inTime } from './limits.ts'

/** A document of any read model. Its other fields are compared, not looked at. */
const Any = z.looseObject({ _id: z.string() })
type Any = z.infer<typeof Any>

/** Documents of one page, of each side. */
const PAGE = 500
/** So many unequal documents are not a matter of the last seconds any more. */
const MOST_UNEQUAL = 20_000

export interface Comparison {
  /** Ids on either side. */
  readonly compared: number
  /** Ids that are on one side only, or are not equal; at most some twenty thousand of them. */
  readonly unequal: readonly string[]
}

/** Compares two collections document by document, in pages by `_id`, so that nobody waits for it for long. */
export const compareCollections = async (
  db: Db,
  one: string,
  other: string,
  signal: AbortSignal,
): Promise<Comparison> => {
  const left = everyDocument(db, one)
  const right = everyDocument(db, other)
  const unequal: string[] = []
  let compared = 0
  try {
    let [a, b] = [await taken(left), await taken(right)]
    while ((a || b) && unequal.length < MOST_UNEQUAL) {
      signal.throwIfAborted()
      compared++
      if (a && b && a._id === b._id) {
        if (!isDeepStrictEqual(a, b)) unequal.push(a._id)
        ;[a, b] = [await taken(left), await taken(right)]
      } else if (a && (!b || a._id < b._id)) {
        unequal.push(a._id)
        a = await taken(left)
      } else if (b) {
        unequal.push(b._id)
        b = await taken(right)
      }
    }
  } finally {
    await left.return(undefined)
    await right.return(undefined)
  }
  return { compared, unequal }
}

/** Of these ids, the ones whose documents are still not equal. */
export const stillUnequal = async (
  db: Db,
  one: string,
  other: string,
  ids: readonly string[],
): Promise<readonly string[]> => {
  const unequal: string[] = []
  for (let n = 0; n < ids.length; n += PAGE) {
    const page = ids.slice(n, n + PAGE)
    const [left, right] = await Promise.all([byId(db, one, page), byId(db, other, page)])
    unequal.push(...page.filter((id) => !isDeepStrictEqual(left.get(id), right.get(id))))
  }
  return unequal
}

const byId = async (
  db: Db,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Any>> => {
  const found = await inTime(
    db
      .collection<Any>(collection)
      .find({ _id: { $in: [...ids] } }, { batchSize: PAGE })
      .toArray(),
  )
  return new Map(found.map((raw) => Any.parse(raw)).map((document) => [document._id, document]))
}

/** In the order of `_id`; ids are ASCII, so JavaScript compares them as MongoDB does. */
async function* everyDocument(db: Db, collection: string): AsyncGenerator<Any, undefined> {
  for (let after: string | undefined; ;) {
    const page = await inTime(
      db
        .collection<Any>(collection)
        .find(after === undefined ? {} : { _id: { $gt: after } }, { batchSize: PAGE })
        .sort({ _id: 1 })
        .limit(PAGE)
        .toArray(),
    )
    for (const raw of page) yield Any.parse(raw)
    after = page.at(-1)?._id
    if (page.length < PAGE || after === undefined) return undefined
  }
}

const taken = async (documents: AsyncGenerator<Any, undefined>): Promise<Any | undefined> =>
  (await documents.next()).value
