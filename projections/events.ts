import { z } from 'zod'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'

/** Why somebody decided that a read model goes on without an event. */
export const Reason = z.string().trim().min(1).max(500)

/** Events of `projection-<name>`: what people decided about a read model. It is in the log, as it is part of the fold. */
export const projectionEvents = {
  /** An event that can't be folded is left out, now and whenever the read model is built again. */
  EventSkipped: event(
    z.object({
      projection: z.string(),
      /** The event's place. */
      stream: z.string(),
      revision: z.int().min(0),
      position: z.int().min(0),
      type: z.string(),
      /** So is whatever follows it in its stream. */
      andFollowing: z.boolean(),
      reason: Reason,
    }),
  ),
}
export type ProjectionEvent = EventOf<typeof projectionEvents>
