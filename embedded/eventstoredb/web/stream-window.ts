import type { EventRecord } from '../log/event-record.ts'
import type { Direction, StreamQuery } from './places.ts'
import type { WebNode } from './web-node.ts'

export const pageLength = 20

/** One page of a stream, with the ways on from it; a way that leads nowhere is undefined. */
export interface StreamWindow {
  readonly records: readonly EventRecord[]
  readonly newest: StreamQuery | undefined
  readonly newer: StreamQuery | undefined
  readonly older: StreamQuery | undefined
  readonly oldest: StreamQuery | undefined
  /** Nothing is newer than what this page shows, so new events belong on top of it. */
  readonly atEnd: boolean
}

interface Range {
  readonly first: number
  readonly last: number
}

/** `from` is the revision at the top of the page, whichever way it is read. */
export function streamWindow(
  node: WebNode,
  stream: string,
  range: Range,
  from: number | undefined,
  direction: Direction,
): StreamWindow {
  const top = from ?? (direction === 'backwards' ? range.last : range.first)
  const page =
    direction === 'backwards'
      ? node.streams.backward(stream, top, pageLength)
      : node.streams.forward(stream, top, pageLength)
  const records = page.kind === 'events' ? page.records : []
  const shown = {
    low: Math.min(top, ...records.map(({ revision }) => revision)),
    high: Math.min(range.last, Math.max(top, ...records.map(({ revision }) => revision))),
  }
  const ways = direction === 'backwards' ? newestFirst(range, shown) : oldestFirst(range, shown)
  return { records, ...ways, atEnd: direction === 'backwards' && shown.high >= range.last }
}

type Ways = Omit<StreamWindow, 'records' | 'atEnd'>
type Shown = { readonly low: number; readonly high: number }

function newestFirst({ first, last }: Range, { low, high }: Shown): Ways {
  const up = high + pageLength
  const bottom = first + pageLength - 1
  return {
    newest: high < last ? {} : undefined,
    newer: high < last ? (up >= last ? {} : { from: Math.max(up, bottom) }) : undefined,
    older: low > first ? { from: low - 1 } : undefined,
    oldest: low > first ? { from: Math.min(bottom, last) } : undefined,
  }
}

function oldestFirst({ first, last }: Range, { low, high }: Shown): Ways {
  const direction = 'forwards'
  const down = low - pageLength
  const top = Math.max(first, last - pageLength + 1)
  return {
    newest: high < last ? { direction, from: top } : undefined,
    newer: high < last ? { direction, from: high + 1 } : undefined,
    older:
      low > first ? (down <= first ? { direction } : { direction, from: Math.min(down, top) }) : undefined,
    oldest: low > first ? { direction } : undefined,
  }
}
