import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkerOf, OpenApi, operationsOf } from './openApi.ts'
import type { Check, Documented } from './openApi.ts'
import { crooked, valid } from './openApiArbitrary.ts'
import { restClient } from './restClient.ts'
import type { Who } from './restClient.ts'
import { startRestServices } from './restServices.ts'
import type { RestServices } from './restServices.ts'
import { startNodes } from './startNodes.ts'

const SERVICES = ['orders', 'payments'] as const
type ServiceName = (typeof SERVICES)[number]

let rest: RestServices
let stop: () => Promise<unknown>
let ann: Who
/** What there is, for requests that are about something. */
let order: string
let cursor: string
let token: string
const documents = new Map<ServiceName, OpenApi>()
const checkers = new Map<ServiceName, Check>()

beforeAll(async () => {
  const nodes = await startNodes()
  rest = await startRestServices(nodes)
  stop = async () => {
    await rest.stop()
    await nodes.stop()
  }
  for (const name of SERVICES) {
    const document: unknown = await (await fetch(`${rest[name]}/openapi.json`)).json()
    const parsed = OpenApi.parse(document)
    documents.set(name, parsed)
    checkers.set(name, checkerOf(parsed))
  }
  const client = restClient(rest)
  ann = await client.customer()
  await client.place(ann)
  ;({ id: order, token } = await client.place(ann))
  const { body } = await client.ask(ann, 'GET /orders?limit=1', { token })
  cursor = z.string().parse(body['next_cursor'])
})
afterAll(() => stop())

const started = <T>(part: T | undefined): T => {
  if (part === undefined) throw new Error('the services have not started')
  return part
}
const documentOf = (name: ServiceName): OpenApi => started(documents.get(name))
const checkOf = (name: ServiceName): Check => started(checkers.get(name))
const operationOf = (name: ServiceName, operationId: string): Documented => {
  const found = operationsOf(documentOf(name)).find((each) => each.operationId === operationId)
  if (!found) throw new Error(`${operationId} is not documented`)
  return found
}

describe.each(SERVICES)('the OpenAPI document of %s', (name) => {
  it('is one', async () =>
    expect(await new Validator().validate(documentOf(name))).toMatchObject({ valid: true }))

  it('has examples that are as their schemas say', () => {
    const check = checkOf(name)
    const examples = operationsOf(documentOf(name)).flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, { content }]) =>
        Object.values(content).map((media) => ({ operationId, status, ...media })),
      ),
    )
    for (const { operationId, status, schema, example } of examples)
      if (example !== undefined)
        expect([operationId, status, check(schema, example)]).toEqual([operationId, status, null])
    expect(examples.filter(({ example }) => example !== undefined).length).toBeGreaterThan(20)
  })

  it('tells of problems in one way', () => {
    for (const { responses } of operationsOf(documentOf(name)))
      for (const [status, { content, headers = {} }] of Object.entries(responses)) {
        if (Number(status) < 400 || !('application/problem+json' in content)) continue
        expect(content['application/problem+json']?.schema.$ref).toBe('#/components/schemas/Problem')
        expect(Object.keys(headers)).toContain('X-Request-ID')
        if (status === '429' || status === '503') expect(Object.keys(headers)).toContain('Retry-After')
      }
  })

  it('is shown at /docs, which needs nothing from anywhere else', async () => {
    const page = await fetch(`${rest[name]}/docs/`)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';")
    const html = await page.text()
    expect(html).not.toMatch(/<script>[^<]|https?:\/\//)
    for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g))
      expect((await fetch(new URL(path ?? '', `${rest[name]}/docs/`))).status).toBe(200)
  })
})

/** Requests of each kind for each operation: a few are enough to meet each form of each part. */
const RUNS = 15

interface Sent {
  readonly query: Readonly<Record<string, unknown>>
  readonly path: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

const send = async (name: ServiceName, { method, path }: Documented, sent: Sent) => {
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(sent.path[key])))
  const query = new URLSearchParams(Object.entries(sent.query).map(([key, value]) => [key, String(value)]))
  const response = await fetch(`${rest[name]}${filled}?${query}`, {
    method,
    headers: {
      'x-user-id': ann.id,
      ...Object.fromEntries(Object.entries(sent.headers).map(([key, value]) => [key, String(value)])),
      ...(sent.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
  })
  const type = response.headers.get('content-type')?.split(';')[0] ?? ''
  const text = await response.text()
  const answer: unknown = type.endsWith('json') ? JSON.parse(text) : text
  return { status: response.status, type, answer }
}

/** What only the server can make up, and what is about something that there is. */
const known = (name: string): fc.Arbitrary<unknown> | undefined =>
  ({
    id: fc.constantFrom(order, randomUUID()),
    cursor: fc.constant(cursor),
    'X-Consistency-Token': fc.constant(token),
    // Header values are ASCII, and have no blanks around them.
    'Idempotency-Key': fc.stringMatching(/^[!-~]{1,128}$/),
    'X-Request-ID': fc.uuid(),
  })[name]

const validRequest = (document: OpenApi, { parameters, requestBody }: Documented): fc.Arbitrary<Sent> => {
  const part = (place: string) => {
    const own = parameters.filter((each) => each.in === place)
    return fc.record(
      Object.fromEntries(own.map((each) => [each.name, known(each.name) ?? valid(document, each.schema)])),
      { requiredKeys: own.filter(({ required }) => required).map(({ name }) => name) },
    )
  }
  const schema = requestBody?.content['application/json']?.schema
  const body = schema && valid(document, schema)
  return fc.record(
    { query: part('query'), path: part('path'), headers: part('header'), ...(body && { body }) },
    {
      requiredKeys: [
        'query',
        'path',
        'headers',
        ...(requestBody?.required === true ? (['body'] as const) : []),
      ],
    },
  )
}

/** Requests in which a part is not as the document says. */
const invalidRequest = (document: OpenApi, check: Check, operation: Documented): fc.Arbitrary<Sent> => {
  const schema = operation.requestBody?.content['application/json']?.schema
  const inQuery = operation.parameters.filter((each) => each.in === 'query')
  const inPath = operation.parameters.filter((each) => each.in === 'path')
  const base = validRequest(document, operation)
  const wrong = fc.constantFrom('', 'x', '-', '1e9', '{}')
  const ways: fc.Arbitrary<Sent>[] = [
    fc.tuple(base, wrong).map(([sent, value]) => ({ ...sent, query: { ...sent.query, unknown: value } })),
  ]
  if (inQuery.length === 0) ways.pop()
  for (const { name } of inQuery.filter(({ name }) => name !== 'cursor'))
    ways.push(
      fc.tuple(base, wrong).map(([sent, value]) => ({ ...sent, query: { ...sent.query, [name]: value } })),
    )
  for (const { name } of inPath)
    ways.push(base.map((sent) => ({ ...sent, path: { ...sent.path, [name]: 'x' } })))
  if (schema)
    ways.push(
      fc
        .tuple(
          base,
          crooked(document, schema).filter((value) => check(schema, value) !== null),
        )
        .map(([sent, body]) => ({ ...sent, body })),
    )
  return fc.oneof(...ways)
}

const ASKED = [
  ['orders', 'placeOrder'],
  ['orders', 'listOrders'],
  ['orders', 'getOrder'],
  ['orders', 'cancelOrder'],
  ['payments', 'openAccount'],
  ['payments', 'deposit'],
  ['payments', 'getBalance'],
  ['payments', 'createCardPayment'],
  ['payments', 'getPayment'],
] as const

it('every operation is asked at random, but for those of operators, of the processor, and what is live', () => {
  const all = SERVICES.flatMap((name) => operationsOf(documentOf(name)).map(({ operationId }) => operationId))
  const others = ['healthz', 'readyz', 'metrics', 'watchOrder']
  expect(new Set(all)).toEqual(new Set([...ASKED.map(([, id]) => id), ...others]))
})

describe.each(ASKED)('%s: %s', (name, operationId) => {
  it('answers whatever its document allows, as its document says', async () => {
    const operation = operationOf(name, operationId)
    const check = checkOf(name)
    await fc.assert(
      fc.asyncProperty(validRequest(documentOf(name), operation), async (sent) => {
        const { status, type, answer } = await send(name, operation, sent)
        // There is no card processor here: paying by card is answered by 503.
        expect(status === 400 || (status >= 500 && operationId !== 'createCardPayment')).toBe(false)
        const schema = operation.responses[String(status)]?.content[type]?.schema
        expect([status, schema && check(schema, answer)]).toEqual([status, null])
      }),
      { numRuns: RUNS },
    )
  })

  it('refuses what its document does not allow, by a problem, and nothing happens', async () => {
    const operation = operationOf(name, operationId)
    const check = checkOf(name)
    const problem = operation.responses['400']?.content['application/problem+json']?.schema ?? {}
    // The orders of before are settled, so that whatever is appended now is by these requests.
    const before = await settled()
    await fc.assert(
      fc.asyncProperty(invalidRequest(documentOf(name), check, operation), async (sent) => {
        const { status, type, answer } = await send(name, operation, sent)
        expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json' })
        expect(check(problem, answer)).toBeNull()
      }),
      { numRuns: RUNS },
    )
    expect(await rest.head()).toBe(before)
  })
})

/** The head of the log, once nothing is appended any more. */
const settled = async (): Promise<bigint> => {
  let head = -1n
  await expect
    .poll(
      async () => {
        const before = head
        head = await rest.head()
        return head === before
      },
      { interval: 300 },
    )
    .toBe(true)
  return head
}
