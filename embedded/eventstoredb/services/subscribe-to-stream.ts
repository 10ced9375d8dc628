import { randomUUID } from 'node:crypto'

import type { ReadRequest } from '../codec/read-request.ts'
import { caughtUpFrame, confirmationFrame } from '../codec/read-response.ts'
import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { Call } from '../grpc/call.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { NodeContext } from './context.ts'
import { framing } from './event-frames.ts'
import { pageSize, Pump } from './pump.ts'
import { streamDeleted } from './stream-errors.ts'

/** A catch-up subscription to one stream. A stream that isn't there yet is waited for. */
export function subscribeToStream(
  context: NodeContext,
  call: Call,
  request: ReadRequest,
  stream: string,
): void {
  const { log, streams } = context
  const toFrame = framing(context, call.principal, request)
  let next = revisionAfter(request.from)
  let caughtUp = false

  const pump = new Pump(call, () => {
    const page = streams.forward(stream, next, pageSize)
    if (page.kind === 'deleted') {
      endWithTombstone()
      return false
    }
    const records = page.kind === 'events' ? page.records : []
    for (const record of records) call.send(toFrame(record))
    const last = records.at(-1)
    if (last !== undefined) next = last.revision + 1
    if (page.kind === 'events' && page.next !== undefined) {
      next = Math.max(next, page.next)
      return true
    }
    if (!caughtUp) {
      caughtUp = true
      call.send(caughtUpFrame())
    }
    return false
  })

  call.send(confirmationFrame(randomUUID()))
  call.onClosed(
    log.onCommit((records) => {
      if (records.some((record) => record.stream === stream)) deliver(records)
    }),
  )
  pump.wake()

  /** Live, the new records are at hand; only who is behind has to look for them. */
  function deliver(records: readonly EventRecord[]): void {
    for (const record of records) {
      if (record.stream !== stream) continue
      if (!caughtUp || call.congested || record.revision !== next) {
        pump.wake()
        return
      }
      call.send(toFrame(record))
      next = record.revision + 1
    }
  }

  function endWithTombstone(): void {
    const tombstone = log.heads.at(log.heads.get(stream), tombstoneRevision)
    if (caughtUp && tombstone !== undefined) call.send(toFrame(tombstone))
    call.end(streamDeleted(stream))
  }

  function revisionAfter(from: ReadRequest['from']): number {
    if (from === 'start') return 0
    return from === 'end' ? log.heads.get(stream).committed + 1 : from + 1
  }
}
