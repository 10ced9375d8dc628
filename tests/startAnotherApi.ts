import { join, resolve } from 'node:path'
import type { Environment } from '../service/config.ts'
import { planOf } from '../start/plan.ts'
import { anyPorts, choosePorts } from '../start/ports.ts'
import { allReady } from '../start/readiness.ts'
import { supervise } from '../start/supervise.ts'
import type { System } from '../start/system.ts'

const READY_WITHIN = 30_000

/** Starts one more API process beside a running system's; answers where it is, and how to stop it. */
export const startAnotherApi = async (
  { addresses, ports }: System,
  dataDir: string,
  env: Environment = {},
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> => {
  const { api } = await choosePorts(anyPorts, '127.0.0.1', () => undefined)
  const plan = planOf({
    root: resolve(import.meta.dirname, '..'),
    dataDir: join(dataDir, 'another-api'),
    ports: { ...ports, api },
    env: {
      ...process.env,
      EVENTSTORE_URL: addresses.eventstore,
      MONGODB_URL: addresses.mongodb,
      LOG_LEVEL: 'warn',
      ...env,
    },
    nodeFlags: [],
    services: ['api'],
  })
  const gaveUp = Promise.withResolvers<never>()
  const started = plan.services.map(({ spec }) =>
    supervise(spec, { note: () => undefined, onSpawn: () => undefined, onGivingUp: gaveUp.reject }),
  )
  const stop = async () => {
    await Promise.all(started.map((process) => process.stop()))
  }
  const readyzs = plan.services.map(({ spec: { name }, readyz }) => ({ name, readyz }))
  try {
    await Promise.race([allReady(readyzs, READY_WITHIN, AbortSignal.timeout(READY_WITHIN)), gaveUp.promise])
  } catch (fault) {
    await stop()
    throw fault
  }
  return { url: plan.addresses.graphql, stop }
}
