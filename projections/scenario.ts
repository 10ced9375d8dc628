import { expect } from 'vitest'
import { noon } from '../domain/controls.ts'
import type { Catalogue, EventOf } from '../eventstore/catalogue.ts'
import type { Recorded } from '../eventstore/codec.ts'
import type { Projection, View } from './projection.ts'

/** When an example's event happened: `n` seconds after noon. */
export const at = (n: number): string => new Date(noon.getTime() + n * 1_000).toISOString()

/** Gives an example's events a place in the log: one stream, positions 100, 200, …, one second apart. */
export const recorded = <E>(stream: string, events: readonly E[]): readonly Recorded<E>[] =>
  events.map((event, revision) => ({
    ...event,
    id: `event ${revision}`,
    stream,
    revision,
    position: BigInt(100 * (revision + 1)),
    metadata: {
      $correlationId: 'story',
      $causationId: 'cause',
      actor: 'somebody',
      at: at(revision),
      schema: 1,
    },
  }))

/** Examples of a projection: `given(…events).then(…documents)`. */
export const projecting = <C extends Catalogue, V extends View>(projection: Projection<C, V>) => ({
  given: (...events: readonly Recorded<EventOf<C>>[]) => {
    const views = new Map<string, V>()
    for (const event of events) {
      const id = projection.id(event)
      views.set(id, projection.apply(views.get(id), event))
    }
    return { then: (...expected: readonly V[]) => expect([...views.values()]).toEqual(expected) }
  },
})
