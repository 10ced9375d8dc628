import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import type { Catalogue } from '../eventstore/catalogue.ts'
import { allWithin } from '../eventstore/deadline.ts'
import { readForwards } from '../eventstore/read.ts'
import type { StreamOf } from '../eventstore/stream.ts'
import { asOf } from '../projections/asOf.ts'
import type { AnyEvent } from '../projections/folder.ts'
import type { Projection, View } from '../projections/projection.ts'
import { forAdmins } from './resolver.ts'
import type { Field } from './resolver.ts'

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

/** The argument of every field that also knows the past; the scalar has made it what the log would say. */
export const at = z.string()

const AsksForThePast = z.object({ at })

/** A field that says how things are and, where `at` is given, to admins how they were. */
export const throughTime = <Present, Past>(
  present: Field<Present>,
  past: Field<Past>,
): Field<Present | Past> => {
  const pastForAdmins = forAdmins(past)
  return async (source, args, context) =>
    AsksForThePast.safeParse(args).success
      ? pastForAdmins(source, args, context)
      : present(source, args, context)
}
