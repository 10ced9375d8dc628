import { EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ACCESS_COOKIE } from '../access/byToken.ts'
import { signerOf } from '../access/tokenControls.ts'
import type { Signer } from '../access/tokenControls.ts'
import { accessBy, following, happenings, tokenFor } from '../access/underTest.ts'
import { ann } from '../domain/controls.ts'
import { restClient } from './restClient.ts'
import type { RestClient } from './restClient.ts'
import { watchSocket } from './restSocket.ts'
import { startRestServices } from './restServices.ts'
import type { RestServices } from './restServices.ts'
import { startNodes } from './startNodes.ts'

let rest: RestServices
let client: RestClient
let signer: Signer
let events: EventStoreDBClient
let stop: () => Promise<unknown>
beforeAll(async () => {
  const nodes = await startNodes()
  signer = await signerOf('2026')
  events = EventStoreDBClient.connectionString(nodes.events)
  const access = accessBy(events, signer)
  const unfollow = await following(events, access)
  rest = await startRestServices({ ...nodes, charging: false, access })
  client = restClient(rest)
  stop = async () => {
    await rest.stop()
    await unfollow()
    await events.dispose()
    await nodes.stop()
  }
})
afterAll(() => stop())

const bearer = async () => ({ authorization: `Bearer ${await tokenFor(signer, ann)}` })
const body = { amount: 700, description: 'tea', payment_method: 'CARD' }

it('the documents ask for a bearer token where people sign in', async () => {
  for (const url of [rest.orders, rest.payments]) {
    const document: unknown = await (await fetch(`${url}/openapi.json`)).json()
    expect(document).toMatchObject({
      security: [{ bearer: [] }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    })
  }
})

it('a header that anybody can write is not believed then', async () => {
  const { status, headers } = await client.ask({ id: ann, role: 'ADMIN' }, 'GET /orders')
  expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
})

it('a cookie does nothing for the page of another site', async () => {
  const cookie = {
    cookie: `${ACCESS_COOKIE}=${await tokenFor(signer, ann)}`,
    origin: 'https://elsewhere.example',
  }
  expect(await client.ask(undefined, 'POST /orders', { body, headers: cookie })).toMatchObject({
    status: 403,
    body: { status: 403 },
  })
  const { answered } = watchSocket(client.socketUrl(ann), cookie)
  expect(await answered).toBe(403)
})

it('a token is who one is, and what lasts ends with it', async () => {
  const headers = await bearer()
  const placed = await client.ask(undefined, 'POST /orders', { body, headers })
  expect(placed).toMatchObject({ status: 201, body: { customer_id: ann } })
  const { messages, closed } = watchSocket(client.socketUrl(String(placed.body['id'])), headers)
  await expect.poll(() => messages).toHaveLength(1)
  await happenings(events).ended(ann)
  expect(await closed).toBe(4403)
  const after = await client.ask(undefined, 'GET /orders', { headers })
  expect([after.status, after.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})
