import type { Codec } from './codec.ts'
import type { Decider } from './decision.ts'

/** Everything the write side must know of one kind of stream. */
export interface Aggregate<State, Event> extends Decider<State, Event> {
  /** The part of the stream's name before the first dash. */
  readonly category: string
  readonly codec: Codec<Event>
}

/** A stream of one aggregate; `name` is `<category>-<id>`. */
export interface StreamOf<State, Event> {
  readonly aggregate: Aggregate<State, Event>
  readonly name: string
}

export const streamOf = <State, Event>(
  aggregate: Aggregate<State, Event>,
  id: string,
): StreamOf<State, Event> => ({ aggregate, name: `${aggregate.category}-${id}` })
