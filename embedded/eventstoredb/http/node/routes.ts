import type { GroupRegistry } from '../../persistent/registry.ts'
import type { NodeContext } from '../../services/context.ts'
import { jsonAnswer } from '../answers.ts'
import { endpoints } from '../endpoint.ts'
import { requireOperations, requireStatistics } from '../guard.ts'
import type { Meters } from '../metrics/meters.ts'
import { metricsRegistry } from '../metrics/registry.ts'
import type { Routes } from '../site.ts'
import type { About } from './about.ts'
import { CpuMeter } from './cpu.ts'
import { gossipOf } from './gossip.ts'
import { infoOf, optionsOf } from './info.ts'
import { flat, statsOf } from './stats.ts'

export interface NodeParts {
  readonly context: NodeContext
  readonly about: About
  readonly meters: Meters
  readonly groups: GroupRegistry
}

/** What the node says of itself. */
export function nodeRoutes({ context, about, meters, groups }: NodeParts): Routes {
  const { access } = context
  const cpu = new CpuMeter()
  const metrics = metricsRegistry({ context, meters, groups, load: about.load })
  return (router) => {
    const on = endpoints(router, context)
    on('GET', '/ping', () => jsonAnswer({ msgTypeId: 0, text: 'Ping request successfully handled' }))
    on('GET', '/info', () => jsonAnswer(infoOf(about, access)))
    on('GET', '/info/options', ({ principal }) => {
      requireOperations(access, principal)
      return jsonAnswer(optionsOf(about, access))
    })
    on('GET', '/gossip', () => jsonAnswer(gossipOf(context, about)))
    on('GET', '/sys/subsystems', ({ principal }) => {
      requireStatistics(access, principal)
      return jsonAnswer(about.projections ? ['Projections'] : [])
    })
    on('GET', '/stats', async (exchange) => {
      requireStatistics(access, exchange.principal)
      const stats = await statsOf({ context, about, meters, groups, cpu })
      return jsonAnswer(exchange.query('group') === 'false' ? flat(stats) : stats)
    })
    // The TCP protocol of old and replicas: this node has neither.
    for (const path of ['/stats/tcp', '/stats/replication']) {
      on('GET', path, ({ principal }) => {
        requireStatistics(access, principal)
        return jsonAnswer([])
      })
    }
    on('GET', '/metrics', async ({ principal }) => {
      requireStatistics(access, principal)
      return { status: 200, type: metrics.contentType, body: await metrics.metrics() }
    })
  }
}
