import { z } from 'zod'
import type { Page, PageRequest } from '../projections/lists.ts'
import { cursorOf, keyOf } from '../service/opaque.ts'
import type { CursorKind } from '../service/opaque.ts'

/** The arguments of every list. */
export const paging = {
  first: z
    .int()
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .nullish()
    .transform((first) => first ?? 20),
  after: z.string().nullish(),
}

export interface Paging {
  readonly first: number
  readonly after?: string | null | undefined
}

/** Which page is asked for; throws BAD_INPUT for a cursor that is not of this list. */
export const pageOf = (kind: CursorKind, { first, after }: Paging): PageRequest => ({
  first,
  after: typeof after === 'string' ? keyOf(kind, after, 'after') : undefined,
})

/** A page as Relay wants it. */
export const connectionOf = <Document, Node>(
  kind: CursorKind,
  { after }: PageRequest,
  { documents, next }: Page<Document>,
  key: (document: Document) => number,
  node: (document: Document) => Node,
) => {
  const edges = documents.map((document) => ({ cursor: cursorOf(kind, key(document)), node: node(document) }))
  return relay(edges, { hasNextPage: next !== undefined, hasPreviousPage: after !== undefined })
}

export interface Edge<Node> {
  readonly cursor: string
  readonly node: Node
}

interface Around {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Where the next page begins, if that is not after the last edge. */
  readonly endCursor?: string | undefined
}

/** Edges with what Relay wants to know of the page that they make up. */
export const relay = <Node>(edges: readonly Edge<Node>[], around: Around) => ({
  edges,
  pageInfo: {
    startCursor: edges[0]?.cursor,
    ...around,
    endCursor: around.endCursor ?? edges.at(-1)?.cursor,
  },
})
