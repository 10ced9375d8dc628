import { allPlace, overview, streamPlace, type Place } from './places.ts'
import { badRequest } from './problem.ts'
import { stateOf } from './stream-state.ts'
import type { WebNode } from './web-node.ts'

/** Where a search leads: every kind of thing that can be looked for is a stream. */
export function searched(node: WebNode, query: URLSearchParams): Place {
  const text = query.get('q') ?? ''
  const trimmed = text.trim()
  if (trimmed === '') return overview
  switch (query.get('kind') ?? 'stream') {
    case 'stream':
      return trimmed === '$all' ? allPlace() : streamPlace(exists(node, text) ? text : trimmed)
    case 'category':
      return streamPlace(`$ce-${trimmed}`)
    case 'type':
      return streamPlace(`$et-${trimmed}`)
    case 'correlation':
      return streamPlace(`$bc-${trimmed}`)
    default:
      throw badRequest('Streams, categories, event types and correlation ids can be looked for.')
  }
}

/** Spaces around a name are hardly ever part of it. */
const exists = (node: WebNode, stream: string): boolean => stateOf(node, stream).kind !== 'missing'
