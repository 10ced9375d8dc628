import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { within } from '../eventstore/deadline.ts'
import { Unavailable } from '../eventstore/faults.ts'
import type { Check } from './checks.ts'
import { closeHttp, httpOf } from './http.ts'

const serve = async (checks: readonly Check[], routes: (http: FastifyInstance) => void = () => {}) => {
  const http = httpOf({
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    newId: () => crypto.randomUUID(),
    checks: () => checks,
  })
  routes(http)
  const base = await http.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => closeHttp(http))
  return { http, base }
}

test('is ready when every check is, and names those that are not', async () => {
  const checks: Check[] = [{ name: 'store', run: () => Promise.resolve() }]
  const { base } = await serve(checks)
  expect((await fetch(`${base}/readyz`)).status).toBe(200)
  checks.push({ name: 'group', run: () => Promise.reject(new Error('not connected')) })
  const response = await fetch(`${base}/readyz`)
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({
    status: 'not ready',
    checks: { store: { ok: true }, group: { ok: false, reason: 'not connected' } },
  })
})

test('a check that never answers is not ready, and does not hold up the answer', async () => {
  const { base } = await serve([{ name: 'store', run: () => new Promise(() => {}) }])
  const response = await fetch(`${base}/readyz`)
  expect(await response.json()).toMatchObject({
    checks: { store: { reason: 'store: no answer within 2000 ms' } },
  })
})

test.each([
  ['a fault of ours is not shown', '/broken', {}, 500, 'Something went wrong on our side.'],
  [
    'a store that is away is temporary',
    '/away',
    {},
    503,
    'The service cannot answer at the moment; try again.',
  ],
  ['a body that is no JSON', '/echo', { method: 'POST', body: '{' }, 400, 'JSON'],
  [
    'a body that is too large',
    '/echo',
    { method: 'POST', body: `"${'x'.repeat(300_000)}"` },
    413,
    'too large',
  ],
  ['a path that is not there', '/nowhere', {}, 404, 'There is no GET /nowhere.'],
])('%s', async (_, path, request, status, detail) => {
  const { base } = await serve([], (http) => {
    http.get('/broken', () => Promise.reject(new Error('password is hunter2')))
    http.get('/away', () => Promise.reject(new Unavailable('10.0.0.7 is down')))
    http.post('/echo', ({ body }) => ({ body }))
  })
  const response = await fetch(`${base}${path}`, {
    ...request,
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const problem = await response.text()
  expect(JSON.parse(problem)).toMatchObject({ type: 'about:blank', status })
  expect(problem).toContain(detail)
  expect(problem).not.toMatch(/hunter2|10\.0\.0\.7/)
  expect(response.headers.get('retry-after')).toBe(status === 503 ? '1' : null)
})

test.each([
  [undefined, '127.0.0.1'],
  [['10.0.0.0/8'], '127.0.0.1'],
  [['127.0.0.1'], '203.0.113.9'],
])(
  'where proxies are %j, a request forwarded for somebody else comes from %s',
  async (trustedProxies, from) => {
    const http = httpOf({
      log: pino({ level: 'silent' }),
      registry: new Registry(),
      newId: () => crypto.randomUUID(),
      checks: () => [],
      trustedProxies,
    })
    onTestFinished(() => closeHttp(http))
    http.get('/from', ({ ip }) => ip)
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' }
    expect((await http.inject({ url: '/from', headers })).body).toBe(from)
  },
)

test('closing answers what is in hand, and does not wait for connections that are kept alive', async () => {
  const arrived = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<string>()
  const { http, base } = await serve([], (http) => {
    http.get('/slow', () => {
      arrived.resolve()
      return answer.promise
    })
  })
  const response = fetch(`${base}/slow`)
  await arrived.promise
  const closed = closeHttp(http)
  answer.resolve('done')
  expect(await (await response).text()).toBe('done')
  await within(2_000, 'closing', closed)
})
