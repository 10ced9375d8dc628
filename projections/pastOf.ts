import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Catalogue } from '../eventstore/catalogue.ts'
import { allWithin } from '../eventstore/deadline.ts'
import { readForwards } from '../eventstore/read.ts'
import type { StreamOf } from '../eventstore/stream.ts'
import { asOf } from './asOf.ts'
import type { AnyEvent } from './folder.ts'
import type { Projection, View } from './projection.ts'

/** Milliseconds for reading a stream from its beginning: some hundred thousand events. */
const PAST_DEADLINE = 30_000

/** A stream's document as of a moment, read from the log: as new as any consistency token. */
export const pastOf = <C extends Catalogue, V extends View, State, Event extends AnyEvent>(
  client: EventStoreDBClient,
  projection: Projection<C, V>,
  stream: StreamOf<State, Event>,
  moment: string,
) =>
  asOf(
    projection,
    allWithin(PAST_DEADLINE, `the past of ${stream.name}`, readForwards(client, stream, 0)),
    moment,
  )
