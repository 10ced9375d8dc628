import type { RawDocument } from '../bson/types.ts'
import type { Operation } from './operation.ts'

/** Delivers documents one after another, and goes on where it stopped when it is run again. */
export interface ResultStream {
  /** True at the end; false if the taker had enough (it answers false), or if the operation is to pause. */
  run(take: (document: RawDocument) => boolean, operation: Operation): boolean
}

/** A stream over a list that is made when first asked for. */
export function listed(make: () => readonly RawDocument[]): ResultStream {
  let list: readonly RawDocument[] | undefined
  let next = 0
  return {
    run: (take) => {
      list ??= make()
      while (next < list.length) {
        const document = list[next++]
        if (document && !take(document)) return next === list.length
      }
      return true
    },
  }
}

/** Documents one by one; undefined where it is time to pause. */
export type Flow = Iterable<RawDocument | undefined>

/** The operation that a flow works for: another one for each batch of a cursor. */
export interface Turn {
  operation: Operation
}

const longestChunk = 128
const largestChunk = 1024 * 1024

/** A stream as a flow: read in chunks that grow, so that little is read beyond what is taken. */
export function* flowOf(stream: ResultStream, turn: Turn): Flow {
  for (let length = 4; ; length = Math.min(length * 2, longestChunk)) {
    const chunk: RawDocument[] = []
    let size = 0
    const finished = stream.run((document) => {
      chunk.push(document)
      size += document.length
      return chunk.length < length && size < largestChunk
    }, turn.operation)
    yield* chunk
    if (finished) return
    if (turn.operation.look()) yield undefined
  }
}

/** A flow as a stream. */
export function streamOf(flow: Flow, turn: Turn): ResultStream {
  const iterator = flow[Symbol.iterator]()
  return {
    run: (take, operation) => {
      turn.operation = operation
      for (;;) {
        const next = iterator.next()
        if (next.done) return true
        if (next.value === undefined || !take(next.value)) return false
      }
    },
  }
}
