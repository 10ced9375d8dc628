import type { ReadRequest } from '../codec/read-request.ts'
import { streamNotFoundFrame } from '../codec/read-response.ts'
import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { Call } from '../grpc/call.ts'
import { Code, refuse } from '../grpc/status.ts'
import type { NodeContext } from './context.ts'
import { framing } from './event-frames.ts'
import { pageSize, Pump } from './pump.ts'
import { StreamBounds } from './stream-bounds.ts'
import { streamDeleted } from './stream-errors.ts'

export function readStream(
  context: NodeContext,
  call: Call,
  request: ReadRequest,
  stream: string,
  count: number,
): void {
  if (count === 0) refuse(Code.unknown, 'At least one event has to be asked for.')
  if (request.from === 'end' && !request.backwards) {
    refuse(Code.unknown, 'There is nothing to read forwards from the end of a stream.')
  }
  const { streams } = context
  const toFrame = framing(context, call.principal, request)
  let next: number | undefined = startOf(request)
  let wanted = count
  const bounds = request.compatibility >= 1 ? new StreamBounds(context, request, stream) : undefined
  const pump = new Pump(call, () => {
    if (next === undefined || wanted <= 0) {
      const last = bounds?.last()
      if (last !== undefined) call.send(last)
      call.end()
      return false
    }
    const limit = Math.min(wanted, pageSize)
    const page = request.backwards
      ? streams.backward(stream, next, limit)
      : streams.forward(stream, next, limit)
    if (page.kind === 'deleted') {
      call.end(streamDeleted(stream))
      return false
    }
    if (page.kind === 'missing') {
      call.send(streamNotFoundFrame(stream))
      call.end()
      return false
    }
    const first = bounds?.first(page)
    if (first !== undefined) call.send(first)
    const lastRecord = page.records.at(-1)
    for (const record of page.records) {
      wanted -= 1
      next = request.backwards ? record.revision - 1 : record.revision + 1
      if (!pump.send(toFrame(record)) && record !== lastRecord) return true
    }
    next = page.next
    return true
  })
  pump.wake()
}

function startOf({ from, backwards }: ReadRequest): number {
  if (from === 'start') return 0
  if (from === 'end') return tombstoneRevision
  return backwards ? Math.min(from, tombstoneRevision) : from
}
