import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { defaultPort as identityPort } from '../embedded/identity/defaults.ts'

export const portNames = [
  'api',
  'orders',
  'payments',
  'projections',
  'notifications',
  'eventstore',
  'mongodb',
  'stripe',
  'identity',
] as const
export type PortName = (typeof portNames)[number]
export type Ports = Readonly<Record<PortName, number>>

/** The ports that the documentation names. */
export const documentedPorts: Ports = {
  api: 4000,
  orders: 8080,
  payments: 8081,
  projections: 8082,
  notifications: 8083,
  eventstore: 2113,
  mongodb: 27017,
  stripe: 12111,
  identity: identityPort,
}

/** Any free ports. */
export const anyPorts: Ports = {
  api: 0,
  orders: 0,
  payments: 0,
  projections: 0,
  notifications: 0,
  eventstore: 0,
  mongodb: 0,
  stripe: 0,
  identity: 0,
}

/** Below the range from which Linux takes the near ends of connections, so that a restart finds it free still. */
const FREE_FROM = 12_000
const FREE_TO = 32_000
const TRIES = 200

const isFree = (port: number, host: string): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)))
  return promise
}

/** The wanted port of each name, or a free one where it is 0 or taken, of which `note` is told. */
export const choosePorts = async (
  wanted: Ports,
  host: string,
  note: (line: string) => void,
): Promise<Ports> => {
  const chosen = new Map<PortName, number>()
  for (const name of portNames) {
    let port = wanted[name]
    for (let tries = 0; port === 0 || [...chosen.values()].includes(port) || !(await isFree(port, host));) {
      if (++tries > TRIES) throw new Error(`no free port for ${name}`)
      port = randomInt(FREE_FROM, FREE_TO)
    }
    if (wanted[name] !== 0 && port !== wanted[name])
      note(`port ${wanted[name]} is taken: ${name} uses ${port} instead`)
    chosen.set(name, port)
  }
  return { ...wanted, ...Object.fromEntries<number>(chosen) }
}
