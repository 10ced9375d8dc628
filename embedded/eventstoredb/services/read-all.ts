import type { ReadRequest } from '../codec/read-request.ts'
import type { Call } from '../grpc/call.ts'
import { Code, refuse } from '../grpc/status.ts'
import { compileFilter, isHidden, matchesAll } from '../log/event-filter.ts'
import type { NodeContext } from './context.ts'
import { framing } from './event-frames.ts'
import { pageSize, Pump } from './pump.ts'

export function readAll(context: NodeContext, call: Call, request: ReadRequest, count: number): void {
  const { all, log } = context
  const { backwards, filter } = request
  if (typeof request.from === 'number' && !all.isBoundary(request.from)) {
    refuse(Code.unknown, 'Trying to read from an invalid position.')
  }
  const matches = filter === undefined ? matchesAll : compileFilter(filter)
  const toFrame = framing(context, call.principal, request)
  const end = log.visibleEnd
  let wanted = count
  let cursor = startOf(request, end)
  const pump = new Pump(call, () => {
    const page = wanted <= 0 ? [] : backwards ? all.backward(cursor, pageSize) : all.forward(cursor, pageSize)
    if (page.length === 0) {
      call.end()
      return false
    }
    for (const record of page) {
      // What is written while a read is under way is not for it, or a fast writer would keep it from ending.
      if (!backwards && record.position >= end) wanted = 0
      if (wanted <= 0) break
      cursor = backwards ? record.position : record.next
      if (isHidden(record) || !matches(record)) continue
      wanted -= 1
      if (!pump.send(toFrame(record))) break
    }
    return true
  })
  pump.wake()
}

/** Beyond the end of the log there is nothing in either direction. */
function startOf({ from, backwards }: ReadRequest, end: number): number {
  if (from === 'end') return end
  if (from === 'start' || (backwards && from > end)) return 0
  return Math.min(from, end)
}
