import { Map } from 'immutable'

/**
 * A bounded memory of what was already done, for idempotency inside a state: two generations, of which the
 * older is forgotten whole when the younger is full. It remembers at least the last `limit` entries and at
 * most twice as many. Immutable, so that a state can hold it.
 */
export interface Remembered<V> {
  readonly recent: Map<string, V>
  readonly older: Map<string, V>
}

export const nothingRemembered = <V>(): Remembered<V> => ({ recent: Map(), older: Map() })

export const recall = <V>(memory: Remembered<V>, key: string): V | undefined =>
  memory.recent.get(key) ?? memory.older.get(key)

export const remember = <V>(memory: Remembered<V>, key: string, value: V, limit: number): Remembered<V> =>
  memory.recent.size >= limit
    ? { recent: Map([[key, value]]), older: memory.recent }
    : { recent: memory.recent.set(key, value), older: memory.older }
