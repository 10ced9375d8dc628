import { randomBytes } from 'node:crypto'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import type { ResultStream } from './query.ts'

/** A batch stays well below the largest message, as in MongoDB. */
const largestBatch = 16 * 1024 * 1024
const firstBatchSize = 101
const mostCursors = 10_000

export interface Batch {
  readonly documents: RawDocument[]
  readonly finished: boolean
}

interface Cursor {
  readonly namespace: string
  readonly stream: ResultStream
  readonly shape: (document: RawDocument) => RawDocument
  expires: number
}

export interface OpenCursor {
  readonly namespace: string
  readonly stream: ResultStream
  readonly shape?: (document: RawDocument) => RawDocument
}

/** The open cursors of the node. One that nobody asks for in ten minutes is forgotten. */
export class Cursors {
  readonly #cursors = new Map<bigint, Cursor>()
  readonly #now: () => number
  readonly #idle: number

  constructor(now: () => number, idle = 10 * 60_000) {
    this.#now = now
    this.#idle = idle
  }

  get open(): number {
    return this.#cursors.size
  }

  /** The first batch; the id is 0 if that was all. */
  start(opened: OpenCursor, batchSize: number | undefined, single: boolean): { id: bigint; batch: Batch } {
    const cursor: Cursor = { shape: same, ...opened, expires: 0 }
    const batch = take(cursor, batchSize ?? firstBatchSize)
    return { id: batch.finished || single ? 0n : this.#keep(cursor), batch }
  }

  next(id: bigint, namespace: string, batchSize: number | undefined): { id: bigint; batch: Batch } {
    const cursor = this.#cursors.get(id)
    if (cursor === undefined || cursor.expires < this.#now())
      throw new MongoError('CursorNotFound', `cursor id ${id} not found`)
    if (cursor.namespace !== namespace)
      throw new MongoError(
        'BadValue',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      )
    this.#cursors.delete(id)
    const batch = take(cursor, batchSize ?? Infinity)
    return { id: batch.finished ? 0n : this.#keep(cursor, id), batch }
  }

  kill(id: bigint): boolean {
    return this.#cursors.delete(id)
  }

  forget(namespace: string): void {
    for (const [id, cursor] of this.#cursors) if (cursor.namespace === namespace) this.#cursors.delete(id)
  }

  #keep(cursor: Cursor, id = newId()): bigint {
    const now = this.#now()
    cursor.expires = now + this.#idle
    // Kept in the order of their last use, so the idle ones are in front.
    for (const [old, { expires }] of this.#cursors) {
      if (expires >= now && this.#cursors.size < mostCursors) break
      this.#cursors.delete(old)
    }
    this.#cursors.set(id, cursor)
    return id
  }
}

function take({ stream, shape }: Cursor, batchSize: number): Batch {
  const documents: RawDocument[] = []
  if (batchSize === 0) return { documents, finished: false }
  let size = 0
  const finished = stream.run((document) => {
    const shaped = shape(document)
    documents.push(shaped)
    size += shaped.length
    return documents.length < batchSize && size < largestBatch
  })
  return { documents, finished }
}

function same(document: RawDocument): RawDocument {
  return document
}

/** Random, so that an id of an earlier run of the node is not taken for one of this run. */
function newId(): bigint {
  return BigInt.asUintN(63, randomBytes(8).readBigUInt64LE()) | 1n
}
