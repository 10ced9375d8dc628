import { firstVisible, isMetadataStream, oldestVisibleMs } from '../log/stream-metadata.ts'
import type { WebNode } from './web-node.ts'

/** What there is to see of a stream, and where it is nothing, why. */
export type StreamState =
  | { readonly kind: 'missing'; readonly hasMetadata: boolean }
  | { readonly kind: 'soft-deleted' }
  | { readonly kind: 'tombstoned' }
  /** `first` is larger than `last` if the stream's metadata hides all of its events. */
  | { readonly kind: 'there'; readonly first: number; readonly last: number }

export function stateOf(node: WebNode, stream: string): StreamState {
  const head = node.log.heads.get(stream)
  const owner = isMetadataStream(stream) ? node.log.heads.get(stream.slice(2)) : head
  if (head.visiblyTombstoned || owner.visiblyTombstoned) return { kind: 'tombstoned' }
  if (head.committed < 0) return { kind: 'missing', hasMetadata: head.hasMetadata }
  if (head.visibleMetadata.softDeleted) return { kind: 'soft-deleted' }
  const last = head.committed
  if (isMetadataStream(stream)) return { kind: 'there', first: last, last }
  const first = firstVisible(head.visibleMetadata, last)
  const oldest = oldestVisibleMs(head.visibleMetadata, node.now())
  if (!Number.isFinite(oldest)) return { kind: 'there', first, last }
  const youngEnough = (revision: number): boolean =>
    (node.log.heads.at(head, revision)?.body.createdMs ?? Number.NEGATIVE_INFINITY) >= oldest
  return { kind: 'there', first: firstThat(youngEnough, first, last + 1), last }
}

/** The first revision from `low` on, below `high`, for which it holds, as for all after it; else `high`. */
export function firstThat(holds: (revision: number) => boolean, low: number, high: number): number {
  let from = low
  let to = high
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (holds(middle)) to = middle
    else from = middle + 1
  }
  return from
}

/** The revision that the next event gets. */
export function nextRevisionOf(node: WebNode, stream: string): number {
  const state = stateOf(node, stream)
  return state.kind === 'there' ? state.last + 1 : node.log.heads.get(stream).committed + 1
}
