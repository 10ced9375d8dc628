import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Hub } from './hub.ts'

/** Puts into metrics how many are watching live. */
export const watchHub = (registry: Registry, hub: Pick<Hub, 'watchers'>): Gauge =>
  new Gauge({
    name: 'live_subscribers',
    help: 'Subscriptions that are being served live.',
    registers: [registry],
    collect() {
      this.set(hub.watchers())
    },
  })
