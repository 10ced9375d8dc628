import type { Catalogue, EventOf } from '../eventstore/catalogue.ts'
import type { Recorded } from '../eventstore/codec.ts'
import type { AnyEvent } from './folder.ts'
import type { Projection, View } from './projection.ts'

/** A document as it was, with the log position of the newest event in it. */
export type Past<V> = V & { readonly position: number }

/**
 * The document as of a moment: the fold of its events up to then, that instant included; undefined before the
 * first of them. Events come in order, and the first one that is later ends it: clocks may disagree, but what
 * was is always a beginning of what is. Memory does not grow with the events.
 */
export const asOf = async <C extends Catalogue, V extends View>(
  projection: Projection<C, V>,
  events: AsyncIterable<Recorded<AnyEvent>>,
  moment: string,
): Promise<Past<V> | undefined> => {
  const concerns = (event: Recorded<AnyEvent>): event is Recorded<EventOf<C>> =>
    event.type in projection.events
  const until = Date.parse(moment)
  let view: V | undefined
  let position = 0
  for await (const event of events) {
    if (Date.parse(event.metadata.at) > until) break
    if (!concerns(event)) continue
    view = projection.apply(view, event)
    position = Number(event.position)
  }
  return view && { ...view, position }
}
