import type { Db, Filter } from 'mongodb'
import type { z } from 'zod'
import { halving } from '../eventstore/halving.ts'
import { askedWithin } from './asked.ts'

export interface Stored {
  readonly _id: string
}

/** A collection as a list: in the order of a number that grows with the log and, roughly, of a time. */
export interface List<D, K extends string, T extends string> {
  readonly name: string
  readonly schema: z.ZodType<D & Readonly<Record<K, number> & Record<T, string>>>
  readonly key: K
  readonly time: T
}

/** From a moment on, and before another one; both as the log writes them. */
export interface Period {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Which documents of a list are meant: an index begins with the fields of `equal`, and goes on with the key. */
export interface Wanted extends Period {
  readonly equal: Filter<Stored>
}

/** One page, newest first. `next`: give it as `after` to get the next one; undefined on the last page. */
export interface Page<Document> {
  readonly documents: readonly Document[]
  readonly next: number | undefined
}

/** A page is asked for by its size and the last key (position or revision) of the page before. */
export interface PageRequest {
  readonly first: number
  readonly after: number | undefined
}

/** Keys from one on, and before another one, with what else the documents must be. */
interface Range {
  readonly filter: Filter<Stored>
  readonly from: number
  readonly to: number
}

/** Documents of one query where a list is read whole. */
const WHOLE = 500

/**
 * Milliseconds by which times may be out of the order of their keys: clocks disagree, and an append may wait for
 * its turn after its time was taken.
 */
const DISORDER = 60_000

/**
 * Lists by pages. Each page is one query that an index leads to its place, so that the last one costs what the
 * first does, and nothing of it stays open: a rebuilt collection may take this one's place at any time.
 */
export const listsIn = (db: Db, deadline: number) => {
  const read = async <D, K extends string, T extends string>(
    { name, schema, key }: List<D, K, T>,
    { filter, from, to }: Range,
    direction: 1 | -1,
    limit: number,
  ) => {
    // A document without the key, of an older version, has no place in the list.
    const bounded = { ...filter, [key]: { $gte: from, ...(to < Infinity && { $lt: to }) } }
    const options = { maxTimeMS: deadline, limit, batchSize: limit, sort: { [key]: direction } }
    const found = await askedWithin(deadline, db.collection<Stored>(name).find(bounded, options).toArray())
    return found.map((raw) => schema.parse(raw))
  }

  /** The range of keys in which a period lies. Its documents' times are checked, too; the keys are for the index. */
  const rangeOf = async <D, K extends string, T extends string>(
    list: List<D, K, T>,
    { equal, from, to }: Wanted,
  ): Promise<Range> => {
    const whole = { filter: equal, from: 0, to: Infinity }
    if (from === undefined && to === undefined) return whole
    const [newest] = await read(list, whole, -1, 1)
    if (!newest) return whole
    const times = { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) }
    /** The first key from which on every time is later. */
    const keyAt = (moment: number) =>
      halving(newest[list.key] + 1, async (key) => {
        const [first] = await read(list, { ...whole, from: key }, 1, 1)
        return first && Date.parse(first[list.time]) < moment ? first[list.key] : undefined
      })
    return {
      filter: { ...equal, [list.time]: times },
      from: from === undefined ? 0 : await keyAt(Date.parse(from) - DISORDER),
      to: to === undefined ? Infinity : await keyAt(Date.parse(to) + DISORDER),
    }
  }

  return {
    page: async <D, K extends string, T extends string>(
      list: List<D, K, T>,
      wanted: Wanted,
      { first, after }: PageRequest,
    ): Promise<Page<D>> => {
      const range = await rangeOf(list, wanted)
      const to = Math.min(range.to, after ?? Infinity)
      const found = await read(list, { ...range, to }, -1, first + 1)
      const documents = found.slice(0, first)
      return { documents, next: found.length > first ? documents.at(-1)?.[list.key] : undefined }
    },

    /** The whole list, oldest first, a page at a time: no more of it is in memory. */
    pages: async function* <D, K extends string, T extends string>(
      list: List<D, K, T>,
      wanted: Wanted,
    ): AsyncGenerator<readonly D[]> {
      let range = await rangeOf(list, wanted)
      for (;;) {
        const found = await read(list, range, 1, WHOLE)
        const last = found.at(-1)
        if (!last) return
        yield found
        if (found.length < WHOLE) return
        range = { ...range, from: last[list.key] + 1 }
      }
    },
  }
}
