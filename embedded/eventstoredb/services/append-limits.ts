import type { ProposedEvent } from '../codec/recorded-event.ts'

/** Of one append, its events counted as `sizeOf` does. */
export const maxAppendSize = 1024 * 1024

/** What is wrong with an event before anyone looks at its stream; undefined if nothing is. */
export function flawOf(event: ProposedEvent): string | undefined {
  if (event.id === '') return 'An event needs an id, and it must be a UUID.'
  if (event.type === '') return 'An event needs a type.'
  return undefined
}

/** Writers of `$all` itself, and of streams without a name, have lost their way. */
export function streamFlaw(stream: string): string | undefined {
  if (stream === '') return 'A stream needs a name.'
  return stream === '$all' ? 'The stream $all can not be written to.' : undefined
}
