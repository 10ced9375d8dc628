import { randomUUID } from 'node:crypto'

import type { ReadRequest } from '../codec/read-request.ts'
import { caughtUpFrame, checkpointFrame, confirmationFrame } from '../codec/read-response.ts'
import type { Call } from '../grpc/call.ts'
import { Code, refuse } from '../grpc/status.ts'
import { compileFilter, isHidden, matchesAll } from '../log/event-filter.ts'
import type { NodeContext } from './context.ts'
import { framing } from './event-frames.ts'
import { pageSize, Pump } from './pump.ts'

const defaultWindow = 32

/**
 * A catch-up subscription to `$all`: reads on from a cursor whenever there is more, and live means no more than
 * that the cursor is at the end. The newest records are in memory, ready-made for all subscribers, and one that
 * falls behind them reads from disk again.
 */
export function subscribeToAll(context: NodeContext, call: Call, request: ReadRequest): void {
  const { log, all } = context
  const { filter } = request
  const matches = filter === undefined ? matchesAll : compileFilter(filter)
  const toFrame = framing(context, call.principal, request)
  const checkpoints =
    filter === undefined ? undefined : new Checkpoints(filter.window, filter.checkpointMultiplier)
  let cursor = cursorAfter(request.from)
  let caughtUp = false

  const pump = new Pump(call, () => {
    const page = all.forward(cursor, pageSize)
    const last = page.at(-1)
    if (last === undefined) {
      if (!caughtUp) {
        caughtUp = true
        const position = checkpoints?.atEnd()
        if (position !== undefined) call.send(checkpointFrame(position))
        call.send(caughtUpFrame())
      }
      return false
    }
    for (const record of page) {
      if (!isHidden(record) && matches(record)) call.send(toFrame(record))
      const position = checkpoints?.considered(record.position)
      if (position !== undefined) call.send(checkpointFrame(position))
    }
    cursor = last.next
    return true
  })

  call.send(confirmationFrame(randomUUID()))
  call.onClosed(log.onCommit(() => pump.wake()))
  pump.wake()

  function cursorAfter(from: ReadRequest['from']): number {
    if (from === 'start') return 0
    if (from === 'end' || from >= log.visibleEnd) return log.visibleEnd
    if (!all.isBoundary(from)) refuse(Code.invalidArgument, 'Trying to read from an invalid position.')
    const [at] = all.forward(from, 1)
    return at?.position === from ? at.next : from
  }
}

/** Tells a filtered subscription how far it has come, so that it need not filter the same events again. */
class Checkpoints {
  readonly #interval: number
  #sinceLast = 0
  #considered = 0
  #sent = 0

  constructor(window: number | undefined, multiplier: number) {
    this.#interval = (window ?? defaultWindow) * multiplier
  }

  considered(position: number): number | undefined {
    this.#considered = position
    this.#sinceLast += 1
    return this.#sinceLast >= this.#interval ? this.#next() : undefined
  }

  atEnd(): number | undefined {
    return this.#next()
  }

  #next(): number | undefined {
    this.#sinceLast = 0
    if (this.#considered <= this.#sent) return undefined
    this.#sent = this.#considered
    return this.#sent
  }
}
