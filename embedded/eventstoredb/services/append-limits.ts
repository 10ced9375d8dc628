import { sizeOf, type Proposal } from '../codec/proposed-event.ts'

/** How much may be appended, in bytes as `sizeOf` counts them. */
export interface AppendLimits {
  /** All events of one append together. */
  readonly append: number
  readonly event: number
}

export const defaultLimits: AppendLimits = { append: 1024 * 1024, event: 2 ** 31 - 1 }

/** Why an append is refused before anyone looks at its stream. */
export type Refusal =
  | { readonly kind: 'MaximumAppendSizeExceeded'; readonly limit: number }
  | {
      readonly kind: 'MaximumAppendEventSizeExceeded'
      readonly eventId: string
      readonly size: number
      readonly limit: number
    }
  | { readonly kind: 'MissingMetadata' }
  | { readonly kind: 'BadRequest'; readonly message: string }

const emptyId = '00000000-0000-0000-0000-000000000000'

/** The events of one append, as they come in. */
export class Intake {
  readonly events: Proposal[] = []
  readonly #limits: AppendLimits
  #size = 0

  constructor(limits: AppendLimits) {
    this.#limits = limits
  }

  /** Takes an event, unless it or all of them together are refused. */
  take(event: Proposal): Refusal | undefined {
    if (event.type === '' || !event.hasContentType) return { kind: 'MissingMetadata' }
    if (event.id === '' || event.id === emptyId) {
      return { kind: 'BadRequest', message: 'An event needs an id, and it must be a UUID.' }
    }
    const size = sizeOf(event)
    if (size > this.#limits.event) {
      return {
        kind: 'MaximumAppendEventSizeExceeded',
        eventId: event.id,
        size,
        limit: this.#limits.event,
      }
    }
    this.#size += size
    if (this.#size > this.#limits.append) {
      return { kind: 'MaximumAppendSizeExceeded', limit: this.#limits.append }
    }
    this.events.push(event)
    return undefined
  }
}

/** A stream needs a name, and `$$` is that of no stream's metadata. */
export const streamFlaw = (stream: string): string | undefined =>
  stream === '' || stream === '$$' ? 'A stream needs a name.' : undefined
