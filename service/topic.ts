/** Where live updates go in. */
export interface Sink<T> {
  push(value: T): void
  /** Ends it with an error; nothing is taken any more. */
  fail(error: Error): void
}

/** Stops the updates. */
export type Leave = () => void

/** The sinks of one kind of thing, by its id. */
export interface Topic<U> {
  readonly add: (id: string, sink: Sink<U>) => Leave
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
