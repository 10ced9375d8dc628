import { decodeStatsRequest, encodeStats } from '../codec/monitoring.ts'
import type { Call } from '../grpc/call.ts'
import { frame } from '../grpc/frames.ts'
import type { Handler } from '../grpc/server.ts'
import { demand, type Access } from '../security/access.ts'

export type Figures = () => Promise<Readonly<Record<string, string | number>>>

const shortestMs = 50
/** The longest that a timer can wait. */
const longestMs = 2 ** 31 - 1

/** Monitoring.Stats: the node's figures, now and then after each period, until the client has enough of them. */
export function statistics(access: Pick<Access, 'allowsStatistics'>, figures: Figures): Handler {
  return (call) => {
    let refreshMs = 0
    call.onMessages(
      (message) => ({ refreshMs } = decodeStatsRequest(message)),
      () => {
        demand(access.allowsStatistics(call.principal))
        tell(call, figures, Math.min(Math.max(refreshMs, shortestMs), longestMs))
      },
    )
  }
}

function tell(call: Call, figures: Figures, periodMs: number): void {
  let timer: NodeJS.Timeout | undefined
  call.onClosed(() => clearTimeout(timer))
  const tellNow = (): void => {
    figures()
      .then((stats) => {
        if (call.ended) return
        // Who doesn't read gets no figures meanwhile: old ones are of no use later.
        if (!call.congested) call.send(frame(encodeStats(stats)))
        timer = setTimeout(tellNow, periodMs)
      })
      .catch((error: unknown) => call.fail(error))
  }
  tellNow()
}
