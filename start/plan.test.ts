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
  expect(nodesFor({ EVENTSTORE_URL: 'esdb://elsewhere:2113' }).map(({ name }) => name)).toEqual(['mongodb'])
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
