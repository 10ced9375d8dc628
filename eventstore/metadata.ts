import { z } from 'zod'

/** What every event says about itself beside its data; the `$` names are EventStoreDB's own. */
export const Metadata = z.object({
  $correlationId: z.string(),
  $causationId: z.string(),
  /** Who caused it: a user's id, or the name of the reaction. */
  actor: z.string(),
  /** When it was decided, ISO 8601 in UTC. */
  at: z.iso.datetime(),
  /** The version of the data's schema. */
  schema: z.int().min(1),
})
export type Metadata = z.infer<typeof Metadata>

/** Where a command comes from; becomes the metadata of the events that it causes. */
export interface Cause {
  readonly correlationId: string
  readonly causationId: string
  readonly actor: string
}

/** A cause for the first message of a story: a person's request, known by its id. */
export const begin = (requestId: string, actor: string): Cause => ({
  correlationId: requestId,
  causationId: requestId,
  actor,
})

/** A cause for whatever follows from a recorded event. */
export const follow = (
  event: { readonly id: string; readonly metadata: Pick<Metadata, '$correlationId'> },
  actor: string,
): Cause => ({ correlationId: event.metadata.$correlationId, causationId: event.id, actor })
