import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ReactionObserver } from '../eventstore/reaction.ts'
import type { Check } from './checks.ts'
import type { Logger } from './logger.ts'

/** Puts what reactions do into metrics and logs, and knows which groups are connected. */
export interface WatchedReactions extends ReactionObserver {
  /** For /readyz: the group is being served. */
  readonly isConnected: (group: string) => Check
}

export const watchReactions = (registry: Registry, log: Logger): WatchedReactions => {
  const counter = (name: string, help: string) =>
    new Counter({ name: `reaction_${name}_total`, help, labelNames: ['group'], registers: [registry] })
  const handled = counter('handled', 'Events that were handled and acknowledged.')
  const retried = counter('retried', 'Events that were given back to be delivered again.')
  const parked = counter('parked', 'Events that could not be handled and were parked.')
  const disconnects = counter('disconnects', 'Lost connections of the group.')
  const connected = new Gauge({
    name: 'reaction_connected',
    help: '1 while the group is being served.',
    labelNames: ['group'],
    registers: [registry],
  })
  const serving = new Set<string>()
  const reported = new Set<string>()

  return {
    connected: (group) => {
      serving.add(group)
      reported.delete(group)
      connected.set({ group }, 1)
      log.info({ group }, 'reaction is connected')
    },
    handled: (group) => handled.inc({ group }),
    retried: (group, fault) => {
      retried.inc({ group })
      log.warn({ group, err: fault }, 'event is given back, to be delivered again')
    },
    parked: (group, reason) => {
      parked.inc({ group })
      log.error({ group, reason }, 'event is parked: it cannot be handled')
    },
    disconnected: (group, fault) => {
      serving.delete(group)
      connected.set({ group }, 0)
      disconnects.inc({ group })
      // Said once per outage, not at each of its tries.
      log[reported.has(group) ? 'debug' : 'warn'](
        { group, err: fault },
        'reaction is not connected, trying again',
      )
      reported.add(group)
    },
    isConnected: (group) => ({
      name: group,
      run: () =>
        serving.has(group)
          ? Promise.resolve()
          : Promise.reject(new Error('its subscription is not connected')),
    }),
  }
}
