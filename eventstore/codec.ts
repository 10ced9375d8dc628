import { jsonEvent } from '@eventstore/db-client'
import type { AllStreamResolvedEvent, EventData, ResolvedEvent } from '@eventstore/db-client'
import { z } from 'zod'
import type { Catalogue, EventOf } from './catalogue.ts'
import { Metadata } from './metadata.ts'
import type { Cause } from './metadata.ts'

/** An event as it was read: decoded, upcast to the present version, with its place in the log. */
export type Recorded<E> = E & {
  readonly id: string
  readonly stream: string
  readonly revision: number
  /** Commit position in `$all`. */
  readonly position: bigint
  readonly metadata: Metadata
}

/** An event that this code cannot read: unknown type, or data that breaks its schema. */
export class UndecodableEvent extends Error {
  override readonly name = 'UndecodableEvent'
}

export interface Codec<E> {
  readonly types: readonly string[]
  /** Source: the decided event; `at` is the time of the decision. */
  encode(event: E, id: string, at: Date, cause: Cause): EventData
  /** Throws `UndecodableEvent`. */
  decode(resolved: ResolvedEvent | AllStreamResolvedEvent): Recorded<E>
}

/** The codec of one or several catalogues; all that enters or leaves the event store passes one. */
export const codecOf = <C extends Catalogue>(catalogue: C): Codec<EventOf<C>> => {
  const definitionOf = (type: string) => {
    const definition = catalogue[type]
    if (!definition) throw new UndecodableEvent(`no schema for events of type ${type}`)
    return definition
  }
  const isKnown = (parsed: { type: string; data: unknown }): parsed is EventOf<C> => parsed.type in catalogue

  return {
    types: Object.keys(catalogue),

    encode: (event, id, at, cause) =>
      jsonEvent({
        id,
        type: event.type,
        data: event.data,
        metadata: {
          $correlationId: cause.correlationId,
          $causationId: cause.causationId,
          actor: cause.actor,
          at: at.toISOString(),
          schema: definitionOf(event.type).version,
        },
      }),

    decode: ({ event: raw, commitPosition }) => {
      if (!raw) throw new UndecodableEvent('a link whose event is gone')
      const { schema, upcasts } = definitionOf(raw.type)
      const metadata = Metadata.safeParse(raw.metadata)
      if (!metadata.success) throw undecodable(raw, metadata.error)
      const current = upcasts
        .slice(metadata.data.schema - 1)
        .reduce((data, up) => up(data), raw.data as unknown)
      const data = schema.safeParse(current)
      if (!data.success) throw undecodable(raw, data.error)
      const parsed = { type: raw.type, data: data.data }
      if (!isKnown(parsed)) throw new UndecodableEvent(`no schema for events of type ${raw.type}`)
      return {
        ...parsed,
        id: raw.id,
        stream: raw.streamId,
        revision: Number(raw.revision),
        position: raw.position?.commit ?? commitPosition ?? 0n,
        metadata: metadata.data,
      }
    },
  }
}

const undecodable = (raw: { streamId: string; revision: bigint; type: string }, cause: z.ZodError) => {
  const mistakes = z.prettifyError(cause).replaceAll(/\s*\n\s*/g, ' ')
  return new UndecodableEvent(
    `${raw.type} at ${raw.revision}@${raw.streamId} breaks its schema: ${mistakes}`,
    {
      cause,
    },
  )
}
