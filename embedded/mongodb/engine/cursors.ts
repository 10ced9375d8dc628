import { randomBytes } from 'node:crypto'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { inSlices, type Operation } from './operation.ts'
import type { ResultStream } from './stream.ts'

/** A batch stays well below the largest message, as in MongoDB. */
const largestBatch = 16 * 1024 * 1024
const firstBatchSize = 101
const mostCursors = 10_000

export interface Batch {
  /** 0 when there is no more. */
  readonly id: bigint
  readonly documents: readonly RawDocument[]
}

export interface OpenCursor {
  readonly namespace: string
  readonly stream: ResultStream
  readonly shape?: (document: RawDocument) => RawDocument
}

interface Cursor extends OpenCursor {
  /** What was taken for the next batch and didn't fit into the last one. */
  pending: RawDocument | undefined
  expires: number
  /** What is left of the client's `maxTimeMS`, which counts the work for all batches. */
  milliseconds: number | undefined
}

interface Ask {
  /** How many at most; undefined for the first batch's usual size, or any number. */
  readonly size: number | undefined
  readonly operation: Operation
  /** The cursor ends with this batch. */
  readonly single?: boolean
}

/** The open cursors of the node. One that nobody asks for in ten minutes is forgotten. */
export class Cursors {
  readonly #cursors = new Map<bigint, Cursor>()
  readonly #killed = new Map<bigint, string>()
  readonly #now: () => number
  readonly #idle: number

  constructor(now: () => number, idle = 10 * 60_000) {
    this.#now = now
    this.#idle = idle
  }

  get open(): number {
    return this.#cursors.size
  }

  /** The first batch; a promise only if it takes longer than others should wait. */
  start(opened: OpenCursor, { size = firstBatchSize, operation, single }: Ask): Batch | Promise<Batch> {
    const cursor: Cursor = { ...opened, pending: undefined, expires: 0, milliseconds: operation.limit }
    return this.#batch(cursor, newId(), { size, operation, ...(single && { single }) })
  }

  next(id: bigint, namespace: string, { size = Infinity, operation }: Ask): Batch | Promise<Batch> {
    const cursor = this.#cursors.get(id)
    if (cursor === undefined || cursor.expires < this.#now()) throw this.#notFound(id)
    if (cursor.namespace !== namespace)
      throw new MongoError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      )
    this.#cursors.delete(id)
    if (cursor.milliseconds !== undefined) operation.limitTo(Math.max(cursor.milliseconds, Number.MIN_VALUE))
    return this.#batch(cursor, id, { size, operation })
  }

  kill(id: bigint): boolean {
    return this.#cursors.delete(id)
  }

  /** Ends the cursors of a collection that is gone, or that is no longer what they were planned for. */
  forget(namespace: string, reason = 'collection dropped'): void {
    for (const [id, cursor] of this.#cursors) {
      if (cursor.namespace !== namespace) continue
      this.#cursors.delete(id)
      this.#killed.set(id, `${reason} while a cursor on ${namespace} was open`)
      const [oldest] = this.#killed.keys()
      if (oldest !== undefined && this.#killed.size > mostCursors) this.#killed.delete(oldest)
    }
  }

  #notFound(id: bigint): MongoError {
    const reason = this.#killed.get(id)
    this.#killed.delete(id)
    return reason === undefined
      ? new MongoError('CursorNotFound', `cursor id ${id} not found`)
      : new MongoError('QueryPlanKilled', `Executor error during getMore :: caused by :: ${reason}`)
  }

  #batch(
    cursor: Cursor,
    id: bigint,
    { size = firstBatchSize, operation, single = false }: Ask,
  ): Batch | Promise<Batch> {
    const taking = new Taking(cursor, size)
    const finish = (): Batch => {
      if (cursor.milliseconds !== undefined) cursor.milliseconds -= operation.milliseconds
      const open = !taking.finished && !single
      return { id: open ? this.#keep(cursor, id) : 0n, documents: taking.documents }
    }
    const work = inSlices(operation, () => taking.slice(operation))
    return work === undefined ? finish() : work.then(finish)
  }

  #keep(cursor: Cursor, id: bigint): bigint {
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

/** One batch in the making. */
class Taking {
  readonly documents: RawDocument[] = []
  finished = false
  readonly #cursor: Cursor
  readonly #most: number
  #size = 0

  constructor(cursor: Cursor, most: number) {
    this.#cursor = cursor
    this.#most = most
  }

  /** True when the batch is full, or the stream at its end. */
  slice(operation: Operation): boolean {
    if (this.#most === 0) return true
    const { pending } = this.#cursor
    this.#cursor.pending = undefined
    if (pending && !this.#take(pending)) return true
    this.finished = this.#cursor.stream.run((document) => this.#take(document), operation)
    // At its end is only a stream whose last document has found a place.
    if (this.finished && this.#cursor.pending) this.finished = false
    return this.finished || this.#isFull()
  }

  #take(document: RawDocument): boolean {
    const shaped = this.#cursor.shape ? this.#cursor.shape(document) : document
    if (this.documents.length > 0 && this.#size + shaped.length > largestBatch) {
      this.#cursor.pending = document
      return false
    }
    this.documents.push(shaped)
    this.#size += shaped.length
    return !this.#isFull()
  }

  #isFull(): boolean {
    return this.documents.length >= this.#most || this.#cursor.pending !== undefined
  }
}

/** Random, so that an id of an earlier run of the node is not taken for one of this run. */
function newId(): bigint {
  return BigInt.asUintN(63, randomBytes(8).readBigUInt64LE()) | 1n
}
