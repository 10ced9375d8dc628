import type { Sink } from './queue.ts'

/** The sinks of one kind of thing, by its id. */
export interface Topic<U> {
  readonly add: (id: string, sink: Sink<U>) => () => void
  of(id: string): ReadonlySet<Sink<U>> | undefined
  push(sinks: ReadonlySet<Sink<U>>, update: U): void
  fail(error: Error): void
  size(): number
}

export const topic = <U>(): Topic<U> => {
  const watching = new Map<string, Set<Sink<U>>>()
  let size = 0
  return {
    add: (id, sink) => {
      const sinks = watching.get(id) ?? new Set()
      watching.set(id, sinks.add(sink))
      size++
      return () => {
        if (!sinks.delete(sink)) return
        size--
        if (sinks.size === 0 && watching.get(id) === sinks) watching.delete(id)
      }
    },
    of: (id) => watching.get(id),
    // A sink may leave while it is pushed to; a set is safe to change under iteration.
    push: (sinks, update) => {
      for (const sink of sinks) sink.push(update)
    },
    fail: (error) => {
      for (const sinks of watching.values()) for (const sink of sinks) sink.fail(error)
    },
    size: () => size,
  }
}
