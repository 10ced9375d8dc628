import { randomUUID } from 'node:crypto'

import type { From, ReadRequest } from '../codec/read-request.ts'
import { caughtUpFrame, checkpointFrame, confirmationFrame } from '../codec/read-response.ts'
import type { Call } from '../grpc/call.ts'
import { Code, refuse } from '../grpc/status.ts'
import { compileFilter, isHidden, matchesAll } from '../log/event-filter.ts'
import type { EventRecord } from '../log/event-record.ts'
import { Checkpoints } from './checkpoints.ts'
import type { NodeContext } from './context.ts'
import { framing } from './event-frames.ts'
import { liveBuffer, pageSize, Pump } from './pump.ts'

/**
 * A catch-up subscription to `$all`: reads on from a cursor whenever there is more, and live means no more than
 * that the cursor is at the end. The newest records are in memory, ready-made for all subscribers, and one that
 * falls behind them reads from disk again.
 */
export function subscribeToAll(context: NodeContext, call: Call, request: ReadRequest): void {
  const { log, all } = context
  const { filter } = request
  const matches = filter === undefined ? matchesAll : compileFilter(filter)
  const isShown = (record: EventRecord): boolean => !isHidden(record) && matches(record)
  const toFrame = framing(context, call.principal, request)
  const begin = startOf(context, request.from)
  const checkpoints = filter === undefined ? undefined : new Checkpoints(filter, begin.position)
  let { cursor } = begin
  let live = false
  /** Events that came while it was live and that the client has not taken yet. */
  let waiting = 0

  const pump = new Pump(call, () => {
    const page = all.forward(cursor, pageSize)
    if (page.length === 0) {
      if (!live) becomeLive()
      waiting = 0
      return false
    }
    for (const record of page) {
      cursor = record.next
      if (!deliver(record)) break
    }
    return true
  })

  call.send(confirmationFrame(randomUUID()))
  call.onClosed(log.onCommit(listen))
  pump.wake()

  function listen(records: readonly EventRecord[]): void {
    pump.wake()
    if (!live || !call.congested) return
    for (const record of records) if (record.position >= cursor && isShown(record)) waiting += 1
    if (waiting <= liveBuffer) return
    live = false
    waiting = 0
    checkpoints?.fellBehind()
  }

  /** Says whether there is room for more. */
  function deliver(record: EventRecord): boolean {
    const shown = isShown(record)
    let room = true
    if (shown) {
      room = pump.send(toFrame(record))
      if (waiting > 0) waiting -= 1
    }
    const checkpoint = checkpoints?.after(record.position, shown)
    return checkpoint === undefined ? room : pump.send(checkpointFrame(checkpoint))
  }

  function becomeLive(): void {
    live = true
    const checkpoint = checkpoints?.caughtUp()
    if (checkpoint !== undefined) call.send(checkpointFrame(checkpoint))
    call.send(caughtUpFrame())
  }
}

/** Where to read on, and the position that this is after. */
function startOf({ log, all }: NodeContext, from: From): { cursor: number; position: number } {
  if (from === 'start') return { cursor: 0, position: 0 }
  if (from === 'end' || from >= log.visibleEnd) {
    return { cursor: log.visibleEnd, position: log.lastPosition }
  }
  if (!all.isBoundary(from)) refuse(Code.invalidArgument, 'Trying to read from an invalid position.')
  const [at] = all.forward(from, 1)
  return { cursor: at?.position === from ? at.next : from, position: from }
}
