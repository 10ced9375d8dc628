import { BadConfiguration, parseConfig } from '../service/config.ts'
import { startSettings } from './config.ts'
import { DataDirectoryInUse } from './lock.ts'
import { startSystem } from './system.ts'
import type { System } from './system.ts'
import { KeepsDying } from './supervise.ts'
import { tableOf } from './table.ts'

/** `npm start`: the whole system on this machine, until Ctrl-C. */
const start = async (): Promise<System> => {
  const settings = parseConfig(startSettings, process.env)
  const system = await startSystem({
    dataDir: settings.DATA_DIR,
    env: process.env,
    ports: {
      api: settings.API_PORT,
      orders: settings.ORDERS_PORT,
      payments: settings.PAYMENTS_PORT,
      projections: settings.PROJECTIONS_PORT,
      notifications: settings.NOTIFICATIONS_PORT,
      eventstore: settings.EVENTSTORE_PORT,
      mongodb: settings.MONGODB_PORT,
      stripe: settings.STRIPE_PORT,
      identity: settings.IDENTITY_PORT,
    },
    note: (line) => console.error(line),
    signal: interrupted.signal,
  })
  console.log(tableOf(system, settings.DATA_DIR))
  return system
}

const interrupted = new AbortController()
const stop = () => {
  if (!interrupted.signal.aborted) console.error('stopping …')
  interrupted.abort()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)

// Whoever kills npm kills the shell between it and us, and we would stay behind without hearing of it.
const parent = process.ppid
if (process.env['npm_lifecycle_event'] !== undefined)
  setInterval(() => {
    if (process.ppid !== parent) stop()
  }, 500).unref()

try {
  const system = await start()
  const why = await system.ended
  console.error(why ? `Counterfoil has stopped: ${why.message}` : 'stopped')
  process.exit(why ? 1 : 0)
} catch (fault) {
  if (interrupted.signal.aborted) process.exit(0)
  const explained =
    fault instanceof BadConfiguration || fault instanceof DataDirectoryInUse || fault instanceof KeepsDying
  console.error(explained ? fault.message : fault)
  process.exit(1)
}
