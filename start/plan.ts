import { join } from 'node:path'
import { ADMIN_ADDRESS, defaultClientId, defaultClientSecret } from '../embedded/identity/defaults.ts'
import { defaultKey, defaultWebhookSecret } from '../embedded/stripe/defaults.ts'
import type { Environment } from '../service/config.ts'
import type { Ports } from './ports.ts'
import type { ProcessSpec } from './supervise.ts'

/** Where everything is found. */
export interface Addresses {
  readonly graphql: string
  readonly subscriptions: string
  readonly api: string
  readonly orders: string
  readonly payments: string
  readonly projections: string
  readonly notifications: string
  readonly eventstore: string
  readonly mongodb: string
  /** Of the card processor's API; below it the embedded node is told what to do. */
  readonly stripe: string
  /** Where people sign in; empty where a gateway says who they are. */
  readonly signIn: string
}

export interface Plan {
  readonly addresses: Addresses
  /** Embedded nodes: started first, stopped last. `ready`: what a node prints when it can be used. */
  readonly nodes: readonly { readonly spec: ProcessSpec; readonly ready: string }[]
  /** Started together; ready when `GET` of `readyz` answers 200. */
  readonly services: readonly { readonly spec: ProcessSpec; readonly readyz: string }[]
}

export interface PlanOptions {
  readonly root: string
  readonly dataDir: string
  readonly ports: Ports
  readonly env: Environment
  /** Stand in for `AUTH_SIGNING_KEYS` where people sign in and it is not set. */
  readonly signingKeys?: string | undefined
  /** Further flags for every Node process, such as `--cpu-prof`. */
  readonly nodeFlags: readonly string[]
  /** All of them unless it says which. */
  readonly services?: readonly ServiceName[]
}

/**
 * Room for young objects: at V8's default, much that lives as long as a request is copied and promoted. And room for old
 * ones from the start: a heap that is small is else collected as a whole every second, 20 ms in which nobody is answered.
 */
export const NODE_FLAGS = [
  '--min-semi-space-size=16',
  '--max-semi-space-size=32',
  '--initial-old-space-size=128',
]

const services = [
  { name: 'orders', script: 'orders/main.ts' },
  { name: 'payments', script: 'payments/main.ts' },
  { name: 'projections', script: 'projections/main.ts' },
  { name: 'notifications', script: 'notifications/main.ts' },
  { name: 'api', script: 'schema/main.ts' },
] as const
export type ServiceName = (typeof services)[number]['name']

/** Which processes make up a system: embedded nodes only for servers that the environment does not name (or has no key for). */
export const planOf = ({
  root,
  dataDir,
  ports,
  env,
  signingKeys,
  nodeFlags,
  services: wanted = services.map(({ name }) => name),
}: PlanOptions): Plan => {
  const listening = env['HOST'] || '127.0.0.1'
  const reachable = listening === '0.0.0.0' || listening === '::' ? '127.0.0.1' : listening
  const ownCards = !env['STRIPE_SECRET_KEY']
  const issuesTokens = env['AUTH_MODE'] === 'jwt'
  const ownPeople = issuesTokens && !env['GOOGLE_CLIENT_ID']
  const api = `http://${reachable}:${ports.api}`
  const publicUrl = (env['PUBLIC_URL'] || api).replace(/\/+$/, '')
  const addresses: Addresses = {
    api,
    graphql: `${api}/graphql`,
    subscriptions: `${api.replace('http', 'ws')}/graphql`,
    orders: `http://${reachable}:${ports.orders}`,
    payments: `http://${reachable}:${ports.payments}`,
    projections: `http://${reachable}:${ports.projections}`,
    notifications: `http://${reachable}:${ports.notifications}`,
    eventstore: env['EVENTSTORE_URL'] || `esdb://127.0.0.1:${ports.eventstore}?tls=false`,
    mongodb: env['MONGODB_URL'] || `mongodb://127.0.0.1:${ports.mongodb}/`,
    stripe: ownCards
      ? `http://127.0.0.1:${ports.stripe}`
      : env['STRIPE_API_ROOT'] || 'https://api.stripe.com',
    signIn: issuesTokens ? `${publicUrl}/auth/google` : '',
  }

  const specOf = (name: string, script: string, ...args: readonly string[]): ProcessSpec => ({
    name,
    cwd: root,
    args: [
      ...NODE_FLAGS,
      ...nodeFlags,
      '--import',
      join(root, 'start/followParent.ts'),
      join(root, script),
      ...args,
    ],
    env: {
      // Without it, GraphQL checks its own objects at every step.
      NODE_ENV: 'production',
      // What Node has compiled once, all processes use again: they are up in half the time.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
      ...env,
      AUTH_SIGNING_KEYS: undefined,
      TELEGRAM_BOT_TOKEN: undefined,
      EVENTSTORE_URL: addresses.eventstore,
      MONGODB_URL: addresses.mongodb,
      STRIPE_API_ROOT: addresses.stripe,
      ...(ownPeople
        ? {
            GOOGLE_ISSUER: `http://127.0.0.1:${ports.identity}`,
            GOOGLE_CLIENT_ID: defaultClientId,
            GOOGLE_CLIENT_SECRET: defaultClientSecret,
            ADMIN_EMAIL: env['ADMIN_EMAIL'] || ADMIN_ADDRESS,
          }
        : {}),
      ...(ownCards ? { STRIPE_SECRET_KEY: defaultKey, STRIPE_WEBHOOK_SECRET: defaultWebhookSecret } : {}),
      API_PORT: String(ports.api),
      ORDERS_PORT: String(ports.orders),
      PAYMENTS_PORT: String(ports.payments),
      PROJECTIONS_PORT: String(ports.projections),
      NOTIFICATIONS_PORT: String(ports.notifications),
      PUBLIC_URL: publicUrl,
      AUTH_JWKS_URL: env['AUTH_JWKS_URL'] || `${api}/.well-known/jwks.json`,
    },
    logFile: join(dataDir, 'logs', `${name}.log`),
  })
  /** What only one service is told: the API what signs tokens, and notifications who its bot is. */
  const secrets: Partial<Record<string, Environment>> = {
    api: issuesTokens ? { AUTH_SIGNING_KEYS: env['AUTH_SIGNING_KEYS'] || signingKeys } : {},
    notifications: { TELEGRAM_BOT_TOKEN: env['TELEGRAM_BOT_TOKEN'] },
  }
  const withSecrets = (spec: ProcessSpec): ProcessSpec => ({
    ...spec,
    env: { ...spec.env, ...secrets[spec.name] },
  })
  const nodeOf = (
    name: 'eventstore' | 'mongodb' | 'stripe',
    folder: string,
    title: string,
    ...flags: readonly string[]
  ) => ({
    spec: specOf(
      folder,
      `embedded/${folder}/main.ts`,
      '--port',
      `${ports[name]}`,
      '--db',
      join(dataDir, folder),
      ...flags,
    ),
    ready: `${title} node listening on`,
  })

  const projections = env['EVENTSTORE_PROJECTIONS'] === 'off' ? ['--no-projections'] : []

  const identity = {
    spec: specOf(
      'identity',
      'embedded/identity/main.ts',
      '--port',
      `${ports.identity}`,
      '--redirect-uri',
      `${publicUrl}/auth/google/callback`,
    ),
    ready: 'Identity node listening on',
  }

  return {
    addresses,
    nodes: [
      ...(env['EVENTSTORE_URL']
        ? []
        : [nodeOf('eventstore', 'eventstoredb', 'EventStoreDB', ...projections)]),
      ...(env['MONGODB_URL'] ? [] : [nodeOf('mongodb', 'mongodb', 'MongoDB')]),
      ...(ownCards && wanted.some((name) => name === 'payments' || name === 'api')
        ? [nodeOf('stripe', 'stripe', 'Stripe', '--webhook', `${addresses.payments}/payments/webhook`)]
        : []),
      ...(ownPeople && wanted.includes('api') ? [identity] : []),
    ],
    services: services
      .filter(({ name }) => wanted.includes(name))
      .map(({ name, script }) => ({
        spec: withSecrets(specOf(name, script)),
        readyz: `${addresses[name]}/readyz`,
      })),
  }
}
