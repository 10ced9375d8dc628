import { isHidden } from '../log/event-filter.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { AllQuery, Direction } from './places.ts'
import { badRequest } from './problem.ts'
import { pageLength } from './stream-window.ts'
import type { WebNode } from './web-node.ts'

/** How far a page looks for events that it shows, before it offers to look on from there. */
const mostConsidered = 2000
const stepLength = 64

/** One page of `$all`, with the ways on from it; a way that leads nowhere is undefined. */
export interface AllWindow {
  readonly records: readonly EventRecord[]
  readonly newest: AllQuery | undefined
  readonly newer: AllQuery | undefined
  readonly older: AllQuery | undefined
  readonly oldest: AllQuery | undefined
  readonly atEnd: boolean
  /** So many events were passed over without filling the page; there may be more to show behind them. */
  readonly gaveUpAfter: number | undefined
}

export interface AllRequest {
  /** Position of the event at the top of the page, whichever way it is read. */
  readonly from: number | undefined
  readonly direction: Direction
  readonly system: 'hide' | undefined
}

/** What `$all` shows people: not what the node notes down for itself, nor system events if they aren't wanted. */
export const shows = (record: EventRecord, system: 'hide' | undefined): boolean =>
  !isHidden(record) && !(system === 'hide' && (record.stream.startsWith('$') || record.type.startsWith('$')))

export function allWindow(node: WebNode, { from, direction, system }: AllRequest): AllWindow {
  if (from !== undefined) checkPosition(node, from)
  const back = (cursor: number): Look => lookBack(node, cursor, system)
  const on = (cursor: number): Look => lookOn(node, cursor, system)
  const at = (position?: number): AllQuery => ({
    from: position,
    direction: direction === 'backwards' ? undefined : direction,
    system,
  })
  const top = from ?? (direction === 'backwards' ? node.log.visibleEnd : 0)
  const cursor = direction === 'backwards' ? endOfRecordAt(node, top) : top
  const page = direction === 'backwards' ? back(cursor) : on(cursor)
  const before = direction === 'backwards' ? on(cursor) : back(cursor)
  const onwards = page.next === undefined ? undefined : at(page.next)
  const backwards = isEmpty(before) ? undefined : before.next === undefined ? at() : at(before.edge)
  const common = {
    records: page.records,
    gaveUpAfter: page.next !== undefined && page.records.length < pageLength ? page.considered : undefined,
  }
  if (direction === 'backwards') {
    const oldest = onwards && at(on(0).edge)
    const newest = backwards && at()
    return { ...common, newest, newer: backwards, older: onwards, oldest, atEnd: isEmpty(before) }
  }
  const newest = onwards && at(back(node.log.visibleEnd).edge)
  return { ...common, newest, newer: onwards, older: backwards, oldest: backwards && at(), atEnd: false }
}

interface Look {
  readonly records: readonly EventRecord[]
  readonly considered: number
  /** Position of the last event that was considered. */
  readonly edge: number | undefined
  /** Position of the event after it; undefined where the log ends. */
  readonly next: number | undefined
}

const isEmpty = ({ records, next }: Look): boolean => records.length === 0 && next === undefined

const lookBack = ({ all }: WebNode, cursor: number, system: 'hide' | undefined): Look =>
  look(
    (at) => all.backward(at, stepLength),
    (record) => record.position,
    cursor,
    system,
  )

const lookOn = ({ all }: WebNode, cursor: number, system: 'hide' | undefined): Look =>
  look(
    (at) => all.forward(at, stepLength),
    (record) => record.next,
    cursor,
    system,
  )

/** Finds one page of events to show, or gives up. */
function look(
  read: (cursor: number) => readonly EventRecord[],
  after: (record: EventRecord) => number,
  start: number,
  system: 'hide' | undefined,
): Look {
  const records: EventRecord[] = []
  let considered = 0
  let edge: number | undefined
  let cursor = start
  for (;;) {
    const step = read(cursor)
    if (step.length === 0) return { records, considered, edge, next: undefined }
    for (const record of step) {
      if (records.length === pageLength || considered === mostConsidered) {
        return { records, considered, edge, next: record.position }
      }
      considered += 1
      edge = record.position
      cursor = after(record)
      if (shows(record, system)) records.push(record)
    }
  }
}

function endOfRecordAt({ all, log }: WebNode, position: number): number {
  return all.forward(position, 1)[0]?.next ?? log.visibleEnd
}

function checkPosition({ all }: WebNode, position: number): void {
  if (all.isBoundary(position)) return
  const [next] = all.forward(position, 1)
  const hint = next === undefined ? '' : ` The next event begins at ${next.position}.`
  throw badRequest(`No event begins at position ${position}: it is inside the record of another.${hint}`)
}
