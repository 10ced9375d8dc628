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
  expect(namesOf()).toEqual(['orders', 'payments', 'projections', 'api'])
  expect(namesOf(['api', 'projections'])).toEqual(['projections', 'api'])
  expect(namesOf([])).toEqual([])
})
