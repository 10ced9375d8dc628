import type { IndexDescription } from 'mongodb'
import { z } from 'zod'
import type { Catalogue, EventOf } from '../eventstore/catalogue.ts'
import type { Recorded } from '../eventstore/codec.ts'

/** What every document knows of the log; the folder keeps it. */
export const Seen = z.object({
  /** The revision of each stream, by its category, that is folded into the document. */
  seen: z.record(z.string(), z.int()),
  /** Commit position of the newest event that is folded into it. */
  position: z.int(),
})
export type Seen = z.infer<typeof Seen>

/** A document as its projection sees it: what people read, without what the folder keeps beside it. */
export interface View {
  readonly _id: string
}

/**
 * A read model: one collection, whose every document is the fold of the events that name it. It is data; the
 * runner does the work.
 */
export interface Projection<C extends Catalogue = Catalogue, V extends View = View> {
  /** Name of the collection, too. */
  readonly name: string
  /**
   * Raised whenever `apply` makes other documents of the same events, or the indexes change: the read model is
   * then folded anew, while the old one serves. Until that is done its documents are of the old shape, so a new
   * field has to be optional for readers.
   */
  readonly version: number
  readonly events: C
  readonly view: z.ZodType<V>
  readonly indexes: readonly Pick<IndexDescription, 'key' | 'partialFilterExpression'>[]
  /** The document that an event belongs to. */
  id(event: Recorded<EventOf<C>>): string
  /** True for an event that begins its document: before it, there is none. */
  begins(event: Recorded<EventOf<C>>): boolean
  /** The document after the event, in absolute values only. */
  apply(view: V | undefined, event: Recorded<EventOf<C>>): V
  /** Its documents sum up many streams of a category: they note no revisions, only their position in the log. */
  readonly sums?: true
}

/** Checks a projection's parts against one another; it stays plain data. */
export const projection = <C extends Catalogue, V extends View>(parts: Projection<C, V>): Projection<C, V> =>
  parts
