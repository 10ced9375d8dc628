import { withoutSecrets } from '../service/clients.ts'
import { defaultPublishableKey } from '../embedded/stripe/defaults.ts'
import type { System } from './system.ts'

/** What people want to know of a system that has just started. */
export const tableOf = (
  { addresses, startedIn, processes }: Pick<System, 'addresses' | 'startedIn' | 'processes'>,
  dataDir: string,
): string => {
  const store = (name: 'eventstoredb' | 'mongodb') =>
    processes.names.includes(name) ? `embedded node, data in ${dataDir}/${name}` : 'yours'
  const cards = processes.names.includes('stripe')
    ? `embedded card processor, confirm with ${defaultPublishableKey}, data in ${dataDir}/stripe`
    : 'yours'
  const people = processes.names.includes('identity')
    ? 'as one of the people of an embedded issuer; ?return_to=/graphql for a browser'
    : 'with Google; ?return_to=/graphql for a browser'
  const rows = [
    ['API', addresses.graphql, 'GraphQL over HTTP, SSE and graphql-ws; GraphiQL in a browser'],
    ['orders', addresses.orders, 'plain HTTP, documented at /docs; /healthz /readyz /metrics'],
    ['payments', addresses.payments, 'plain HTTP, documented at /docs; /healthz /readyz /metrics'],
    ['projections', addresses.projections, '/healthz /readyz /metrics'],
    ['notifications', addresses.notifications, '/healthz /readyz /metrics'],
    ['EventStoreDB', withoutSecrets(addresses.eventstore), store('eventstoredb')],
    ['MongoDB', withoutSecrets(addresses.mongodb), store('mongodb')],
    ['Stripe', addresses.stripe, cards],
    ...(addresses.signIn ? [['sign in', addresses.signIn, people] as const] : []),
  ] as const
  const width = Math.max(...rows.map(([, address]) => address.length))
  return [
    '',
    `Counterfoil is running (ready in ${(startedIn / 1_000).toFixed(1)} s)`,
    '',
    ...rows.map(([name, address, what]) => `  ${name.padEnd(13)} ${address.padEnd(width)}  ${what}`),
    '',
    `  Logs in ${dataDir}/logs. Ctrl-C stops everything; the data stays.`,
    '',
  ].join('\n')
}
