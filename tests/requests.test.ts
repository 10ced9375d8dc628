import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { StripeNode } from '../embedded/stripe/node.ts'
import { filled, parseHttpFile } from './httpFile.ts'
import { OpenApi, operationsOf } from './openApi.ts'
import { startRestServices } from './restServices.ts'
import type { RestServices } from './restServices.ts'
import { startNodes } from './startNodes.ts'

const { variables, requests } = parseHttpFile(
  readFileSync(join(import.meta.dirname, '../docs/requests.http'), 'utf8'),
)

let rest: RestServices
let stop: () => Promise<unknown>
/** What a request may refer to, by its name: `order.response.body.$.id`. */
const known = new Map<string, string>(Object.entries(variables))

beforeAll(async () => {
  const [nodes, processor] = await Promise.all([startNodes(), StripeNode.start()])
  rest = await startRestServices({
    ...nodes,
    cards: {
      STRIPE_SECRET_KEY: processor.key,
      STRIPE_WEBHOOK_SECRET: processor.webhookSecret,
      STRIPE_API_ROOT: processor.url,
    },
  })
  stop = async () => {
    await rest.stop()
    await processor.stop()
    await nodes.stop()
  }
  known.set('orders', rest.orders).set('payments', rest.payments).set('user', randomUUID())
})
afterAll(() => stop())

/** What later requests may refer to. */
const remember = (name: string, { headers }: Response, text: string) => {
  for (const [header, value] of headers) known.set(`${name}.response.headers.${header}`, value)
  if (headers.get('content-type')?.includes('json') !== true) return
  const body = z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  for (const [field, value] of Object.entries(body))
    if (typeof value === 'string') known.set(`${name}.response.body.$.${field}`, value)
}

const valueOf = (name: string) =>
  known.get(name) ?? known.get(name.replace(/[^.]+$/, (last) => last.toLowerCase()))

describe('docs/requests.http', () => {
  it.each(requests)('$title $name: $expected', async ({ name, method, url, headers, body, expected }) => {
    const fill = (text: string) => filled(text, valueOf)
    const answer = await fetch(fill(url), {
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, fill(value)])),
      ...(body !== undefined && { body: fill(body) }),
    })
    const text = await answer.text()
    expect([answer.status, text]).toEqual([expected, text])
    remember(name, answer, text)
  })

  it('covers every operation of both services', async () => {
    const asked = requests.map(({ method, url }) => `${method} ${url}`)
    for (const service of ['orders', 'payments'] as const) {
      const document: unknown = await (await fetch(`${rest[service]}/openapi.json`)).json()
      for (const { method, path } of operationsOf(OpenApi.parse(document))) {
        const wanted = new RegExp(
          `^${method} \\{\\{${service}\\}\\}${path.replace('{id}', '\\{\\{[^/]+\\}\\}')}(\\?|$)`,
        )
        expect(
          asked.filter((each) => wanted.test(each)),
          `${method} ${path}`,
        ).not.toHaveLength(0)
      }
    }
  })
})
