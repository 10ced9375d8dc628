import type { EventRecord } from '../log/event-record.ts'
import { resolveLink } from '../log/links.ts'
import { isHidden } from '../log/event-filter.ts'
import { traceOf } from './trace.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/**
 * There is no index of ids, so causes and effects are looked for where they are likely: in the stream of their
 * correlation, which `$by_correlation_id` writes, and among the neighbours in the log.
 */
const linksConsidered = 500
const neighboursConsidered = 1000

/** The event with this id, caused something at `position`; so it is somewhere before. */
export function findCause(
  node: WebNode,
  viewer: Viewer,
  { id, position, correlationId }: { id: string; position: number; correlationId: string | undefined },
): EventRecord | undefined {
  const isCause = (record: EventRecord): boolean => record.id === id
  const correlated = correlationId === undefined ? [] : correlatedWith(node, viewer, correlationId)
  return correlated.find(isCause) ?? neighbours(node, viewer, position, 'before').find(isCause)
}

export interface Effects {
  readonly records: readonly EventRecord[]
  /** Where they were looked for, in words. */
  readonly among: string
}

/** What names this event as its cause. */
export function findEffects(node: WebNode, viewer: Viewer, cause: EventRecord): Effects {
  const { correlationId } = traceOf(cause.body.metadata)
  const isEffect = (record: EventRecord): boolean => traceOf(record.body.metadata).causationId === cause.id
  const correlated = correlationId === undefined ? [] : correlatedWith(node, viewer, correlationId)
  if (correlated.length > 0) {
    return { records: correlated.filter(isEffect), among: 'the events of the same correlation' }
  }
  const after = neighbours(node, viewer, cause.next, 'after')
  return { records: after.filter(isEffect), among: `the ${neighboursConsidered} events after it` }
}

function correlatedWith(node: WebNode, viewer: Viewer, correlationId: string): EventRecord[] {
  const stream = `$bc-${correlationId}`
  if (!viewer.mayRead(stream)) return []
  const found: EventRecord[] = []
  const page = node.streams.forward(stream, 0, linksConsidered)
  for (const link of page.kind === 'events' ? page.records : []) {
    const target = resolveLink(node.streams, link)
    if (target !== undefined && viewer.mayRead(target.stream)) found.push(target)
  }
  return found
}

function neighbours(node: WebNode, viewer: Viewer, at: number, side: 'before' | 'after'): EventRecord[] {
  const records =
    side === 'before'
      ? node.all.backward(at, neighboursConsidered)
      : node.all.forward(at, neighboursConsidered)
  return records.filter((record) => !isHidden(record) && viewer.mayRead(record.stream))
}
