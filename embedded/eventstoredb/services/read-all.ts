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
  let cursor = request.from === 'start' ? 0 : request.from === 'end' ? end : Math.min(request.from, end)
  const pump = new Pump(call, () => {
    const page = wanted <= 0 ? [] : backwards ? all.backward(cursor, pageSize) : all.forward(cursor, pageSize)
    const last = page.at(-1)
    if (last === undefined) {
      call.end()
      return false
    }
    for (const record of page) {
      // What is written while a read is under way is not for it, or a fast writer would keep it from ending.
      if (!backwards && record.position >= end) wanted = 0
      if (wanted <= 0) break
      if (isHidden(record) || !matches(record)) continue
      call.send(toFrame(record))
      wanted -= 1
    }
    cursor = backwards ? last.position : last.next
    return true
  })
  pump.wake()
}
