import { expect, it } from 'vitest'
import { planOf } from './plan.ts'
import type { ServiceName } from './plan.ts'
import { anyPorts } from './ports.ts'

const nodesFor = (env: Readonly<Record<string, string>>) =>
  planOf({ root: '/app', dataDir: '/data', ports: anyPorts, env, nodeFlags: [] }).nodes.map(
    ({ spec }) => spec,
  )

it('the embedded event store has its projections, unless they are switched off', () => {
  for (const env of [{}, { EVENTSTORE_PROJECTIONS: 'on' }])
    expect(nodesFor(env).flatMap(({ args }) => args)).not.toContain('--no-projections')
  const off = nodesFor({ EVENTSTORE_PROJECTIONS: 'off' })
  expect(off.find(({ name }) => name === 'eventstoredb')?.args).toContain('--no-projections')
  expect(off.find(({ name }) => name === 'mongodb')?.args).not.toContain('--no-projections')
})

it('a server that the environment names is not started here', () => {
  expect(nodesFor({ EVENTSTORE_URL: 'esdb://elsewhere:2113' }).map(({ name }) => name)).toEqual([
    'mongodb',
    'stripe',
  ])
})

it('cards are charged by the embedded processor, unless there is a key for another one', () => {
  const [own] = nodesFor({ EVENTSTORE_URL: 'esdb://e:1', MONGODB_URL: 'mongodb://m' })
  expect(own?.name).toBe('stripe')
  expect(own?.args).toContain('http://127.0.0.1:0/payments/webhook')
  expect(own?.env).toMatchObject({
    STRIPE_API_ROOT: 'http://127.0.0.1:0',
    STRIPE_SECRET_KEY: 'sk_test_counterfoil',
    STRIPE_WEBHOOK_SECRET: 'whsec_counterfoil',
  })
  const [theirs] = nodesFor({ STRIPE_SECRET_KEY: 'sk_test_theirs', STRIPE_WEBHOOK_SECRET: 'whsec_theirs' })
  expect(nodesFor({ STRIPE_SECRET_KEY: 'sk_test_theirs' }).map(({ name }) => name)).not.toContain('stripe')
  expect(theirs?.env).toMatchObject({
    STRIPE_API_ROOT: 'https://api.stripe.com',
    STRIPE_SECRET_KEY: 'sk_test_theirs',
    STRIPE_WEBHOOK_SECRET: 'whsec_theirs',
  })
})

it('people sign in at a local issuer, where they are to sign in and nobody has said where', () => {
  const wanted = { AUTH_MODE: 'jwt', EVENTSTORE_URL: 'esdb://e:1', STRIPE_SECRET_KEY: 'sk_test_theirs' }
  const planFor = (env: Readonly<Record<string, string>>, services?: readonly ServiceName[]) =>
    planOf({
      root: '/app',
      dataDir: '/data',
      ports: { ...anyPorts, api: 4_000, identity: 9_010 },
      env: { ...wanted, ...env },
      signingKeys: 'made',
      nodeFlags: [],
      ...(services ? { services } : {}),
    })
  const own = planFor({})
  const issuer = own.nodes.find(({ spec }) => spec.name === 'identity')?.spec
  expect(issuer?.args.slice(-4)).toEqual([
    '--port',
    '9010',
    '--redirect-uri',
    'http://127.0.0.1:4000/auth/google/callback',
  ])
  const keysOf = ({ services }: typeof own) =>
    Object.fromEntries(services.map(({ spec }) => [spec.name, spec.env['AUTH_SIGNING_KEYS']]))
  expect(keysOf(own)).toEqual({
    orders: undefined,
    payments: undefined,
    projections: undefined,
    notifications: undefined,
    api: 'made',
  })
  const api = own.services.find(({ spec }) => spec.name === 'api')?.spec
  expect(api?.env).toMatchObject({
    GOOGLE_ISSUER: 'http://127.0.0.1:9010',
    GOOGLE_CLIENT_ID: 'counterfoil',
    ADMIN_EMAIL: 'ada@people.example',
    PUBLIC_URL: 'http://127.0.0.1:4000',
  })
  expect(own.addresses.signIn).toBe('http://127.0.0.1:4000/auth/google')

  const google = planFor({ GOOGLE_CLIENT_ID: 'ours', AUTH_SIGNING_KEYS: 'given' })
  expect(google.nodes.map(({ spec }) => spec.name)).not.toContain('identity')
  expect(keysOf(google)).toMatchObject({ api: 'given', orders: undefined })
  expect(planFor({ AUTH_MODE: 'header' }).nodes.map(({ spec }) => spec.name)).not.toContain('identity')
  expect(planFor({}, ['orders']).nodes.map(({ spec }) => spec.name)).not.toContain('identity')
})

it('the token of the bot is told to notifications alone', () => {
  const { nodes, services } = planOf({
    root: '/app',
    dataDir: '/data',
    ports: anyPorts,
    env: { TELEGRAM_BOT_TOKEN: '42:token' },
    nodeFlags: [],
  })
  const told = [...nodes, ...services].filter(({ spec }) => JSON.stringify(spec).includes('42:token'))
  expect(told.map(({ spec }) => spec.name)).toEqual(['notifications'])
})

it('every service is started, unless it is said which', () => {
  const namesOf = (services?: readonly ServiceName[]) =>
    planOf({
      root: '/app',
      dataDir: '/data',
      ports: anyPorts,
      env: {},
      nodeFlags: [],
      ...(services ? { services } : {}),
    }).services.map(({ spec }) => spec.name)
  expect(namesOf()).toEqual(['orders', 'payments', 'projections', 'notifications', 'api'])
  expect(namesOf(['api', 'projections'])).toEqual(['projections', 'api'])
  expect(namesOf([])).toEqual([])
})
