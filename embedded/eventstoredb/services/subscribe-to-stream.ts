import { randomUUID } from 'node:crypto'

import type { From, ReadRequest } from '../codec/read-request.ts'
import { caughtUpFrame, confirmationFrame } from '../codec/read-response.ts'
import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { Call } from '../grpc/call.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { NodeContext } from './context.ts'
import { framing } from './event-frames.ts'
import { liveBuffer, pageSize, Pump } from './pump.ts'
import { streamDeleted } from './stream-errors.ts'

/**
 * A catch-up subscription to one stream. A stream that isn't there yet is waited for. While it catches up it sees
 * the stream as readers do; once it is live it gets whatever is written, also what no reader will see any more.
 */
export function subscribeToStream(
  context: NodeContext,
  call: Call,
  request: ReadRequest,
  stream: string,
): void {
  const { log, streams } = context
  const toFrame = framing(context, call.principal, request)
  let next = revisionAfter(request.from)
  let live = false
  /** The last revision that is known while live, whether it is sent or not. */
  let heard = -1
  let tombstoned = false

  const pump = new Pump(call, () => (live ? sendHeard() : catchUp()))
  call.send(confirmationFrame(randomUUID()))
  call.onClosed(log.onCommit(listen))
  pump.wake()

  function catchUp(): boolean {
    const page = streams.forward(stream, next, pageSize)
    if (page.kind === 'deleted') {
      call.end(streamDeleted(stream))
      return false
    }
    for (const record of page.kind === 'events' ? page.records : []) {
      next = record.revision + 1
      if (!pump.send(toFrame(record))) return true
    }
    if (page.kind === 'events' && page.next !== undefined) {
      next = Math.max(next, page.next)
      return true
    }
    live = true
    heard = log.heads.get(stream).committed
    next = Math.max(next, heard + 1)
    call.send(caughtUpFrame())
    return false
  }

  function sendHeard(): boolean {
    const head = log.heads.get(stream)
    while (next <= heard) {
      const record = log.heads.at(head, next)
      next += 1
      if (record !== undefined && !pump.send(toFrame(record))) return true
    }
    const tombstone = tombstoned ? log.heads.at(head, tombstoneRevision) : undefined
    if (tombstone !== undefined) {
      call.send(toFrame(tombstone))
      call.end(streamDeleted(stream))
    }
    return false
  }

  function listen(records: readonly EventRecord[]): void {
    let mine = false
    for (const record of records) {
      if (record.stream !== stream) continue
      mine = true
      if (record.revision === tombstoneRevision) tombstoned = true
      else heard = record.revision
    }
    if (!mine) return
    if (live && call.congested && heard - next >= liveBuffer) live = false
    pump.wake()
  }

  function revisionAfter(from: From): number {
    if (from === 'start') return 0
    return from === 'end' ? log.heads.get(stream).committed + 1 : from + 1
  }
}
