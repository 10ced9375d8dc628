import type { NodeContext } from '../../services/context.ts'
import { streamUri } from '../feed-entry.ts'
import { requireStream } from '../guard.ts'
import { refuseHttp } from '../problem.ts'
import type { Neighbours } from './feed.ts'
import { allPage, type Page, type PageRequest } from './page.ts'
import { positionText } from './request.ts'
import type { FeedSource } from './source.ts'

export const allStream = '$all'

/** The whole log, its pages found by positions: forward pages begin at theirs, backward pages end before it. */
export function allSource(context: NodeContext): FeedSource {
  return {
    title: 'All events',
    stream: allStream,
    path: streamUri('', allStream),
    demand: (principal) => requireStream(context.access, principal, 'read', allStream),
    awaited: undefined,
    last: () => context.log.visibleEnd,
    placeOf: (record) => record.position,
    read: async (request) => {
      if (typeof request.from === 'number' && !isPlace(context, request.from)) {
        refuseHttp(400, 'No event begins or ends at this position.')
      }
      return { kind: 'page', ...(await allPage(context, request)) }
    },
    neighbours: (request, page) => neighbours(request, page, endOf(context)),
  }
}

/** Links lead to where events begin, and to where they end: what comes next may begin a little after that. */
const isPlace = ({ all }: NodeContext, position: number): boolean =>
  all.isBoundary(position) || all.backward(position, 1)[0]?.next === position

/** Where the last event ends. */
const endOf = ({ all }: NodeContext): number => all.backward(Number.MAX_SAFE_INTEGER, 1)[0]?.next ?? 0

function neighbours({ from, direction, count }: PageRequest, page: Page, end: number): Neighbours {
  const newest = page.records[0]
  const oldest = page.records.at(-1)
  const start = from === 'head' ? end : from
  const towardsHead = (position: number): string => `${positionText(position)}/forward/${count}`
  const towardsStart = (position: number): string => `${positionText(position)}/backward/${count}`
  const shared = { first: `head/backward/${count}`, last: page.atStart ? undefined : towardsHead(0) }
  if (direction === 'forward') {
    return {
      ...shared,
      next: page.atStart ? undefined : towardsStart(start),
      previous: newest === undefined ? undefined : towardsHead(newest.next),
    }
  }
  return {
    ...shared,
    next: page.atStart || oldest === undefined ? undefined : towardsStart(oldest.position),
    previous: towardsHead(newest?.next ?? start),
  }
}
