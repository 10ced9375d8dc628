import { EventStoreDBClient } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { signerOf } from '../access/tokenControls.ts'
import type { Signer } from '../access/tokenControls.ts'
import { accessBy, following, tokenFor } from '../access/underTest.ts'
import { ann, bob } from '../domain/controls.ts'
import { UserId } from '../domain/ids.ts'
import { startRestServices } from './restServices.ts'
import type { RestServices } from './restServices.ts'
import { startNodes } from './startNodes.ts'

const MODES = ['header', 'jwt'] as const
type Mode = (typeof MODES)[number]
const WHO = ['nobody', 'Ann', 'another user', 'an admin'] as const
type Who = (typeof WHO)[number]

const admin = UserId.parse(randomUUID())
const PEOPLE = {
  Ann: { user: ann, role: 'USER' },
  'another user': { user: bob, role: 'USER' },
  'an admin': { user: admin, role: 'ADMIN' },
} as const

let services: Readonly<Record<Mode, RestServices>>
let signer: Signer
let stop: () => Promise<unknown>
/** Ann's order, and how new an answer has to be that knows of it. */
let anns: { readonly order: string; readonly token: string }
beforeAll(async () => {
  const nodes = await startNodes()
  const client = EventStoreDBClient.connectionString(nodes.events)
  signer = await signerOf('2026')
  const access = accessBy(client, signer)
  const stopFollowing = await following(client, access)
  const [header, jwt] = await Promise.all([
    startRestServices({ ...nodes, charging: false }),
    startRestServices({ ...nodes, charging: false, access }),
  ])
  services = { header, jwt }
  stop = async () => {
    await stopFollowing()
    await Promise.all([header.stop(), jwt.stop()])
    await client.dispose()
    await nodes.stop()
  }
  for (const who of ['Ann', 'another user', 'an admin'] as const)
    await ask('header', await saying('header', who), { post: '/accounts' })
  const placed = await ask('header', await saying('header', 'Ann'), placing)
  anns = {
    order: z.object({ id: z.string() }).parse(placed.body).id,
    token: placed.headers.get('x-consistency-token') ?? '',
  }
})
afterAll(() => stop())

type Headers = Readonly<Record<string, string>>
interface Asked {
  readonly get?: string
  readonly post?: string
  readonly upgrade?: string
  readonly body?: object
}
interface Told {
  readonly status: number
  readonly headers: globalThis.Headers
  readonly body: unknown
}

/** What somebody says of themselves, in a mode. */
const saying = async (mode: Mode, who: Who): Promise<Headers> => {
  if (who === 'nobody') return {}
  const { user, role } = PEOPLE[who]
  return mode === 'header'
    ? { 'x-user-id': user, 'x-user-role': role }
    : { authorization: `Bearer ${await tokenFor(signer, user, { role })}` }
}

const ask = async (mode: Mode, said: Headers, { get, post, upgrade, body = {} }: Asked): Promise<Told> => {
  const path = get ?? post ?? upgrade ?? ''
  const { orders, payments } = services[mode]
  const url = `${path.startsWith('/orders') ? orders : payments}${path}`
  const headers = { ...said, ...(post === undefined && { 'x-consistency-token': anns.token }) }
  if (upgrade !== undefined) return upgraded(url, headers)
  const response = await fetch(
    url,
    post === undefined
      ? { headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
          body: JSON.stringify(body),
        },
  )
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Opens a WebSocket: 101, or how that was refused. */
const upgraded = (url: string, headers: Headers): Promise<Told> => {
  const { promise, resolve, reject } = Promise.withResolvers<Told>()
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  socket.on('open', () => {
    socket.close()
    resolve({ status: 101, headers: new Headers(), body: {} })
  })
  socket.on('unexpected-response', (_, response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(parts).toString())
      resolve({ status: response.statusCode ?? 0, headers: new Headers(), body })
    })
  })
  socket.on('error', reject)
  return promise
}

const placing: Asked = { post: '/orders', body: { amount: 700, description: 'a book' } }

type Outcome = 'answered' | 'not there' | 'unauthenticated' | 'forbidden'
type Answers = Readonly<Record<Who, Outcome>>
const theirOwn: Answers = {
  nobody: 'unauthenticated',
  Ann: 'answered',
  'another user': 'answered',
  'an admin': 'answered',
}
const annAndAdmins: Answers = { ...theirOwn, 'another user': 'not there' }
const annAlone: Answers = { ...annAndAdmins, 'an admin': 'not there' }

/** Every operation that is documented, but for the webhook: that proves by its signature where it is from. */
const operations: readonly (readonly [string, (order: string) => Asked, Answers])[] = [
  ['placeOrder', () => placing, theirOwn],
  ['listOrders', () => ({ get: '/orders' }), theirOwn],
  ['getOrder', (order) => ({ get: `/orders/${order}` }), annAndAdmins],
  ['watchOrder', (order) => ({ upgrade: `/orders/${order}/ws` }), annAlone],
  ['cancelOrder', (order) => ({ post: `/orders/${order}/cancel` }), annAndAdmins],
  ['openAccount', () => ({ post: '/accounts' }), theirOwn],
  ['deposit', () => ({ post: '/accounts/deposit', body: { amount: 100 } }), theirOwn],
  ['getBalance', () => ({ get: '/accounts/balance' }), theirOwn],
  ['createCardPayment', (order) => ({ post: '/payments/intent', body: { order_id: order } }), annAlone],
  ['getPayment', (order) => ({ get: `/payments/${order}` }), annAndAdmins],
]

const outcomeOf = (told: Told, forNothing: Told): Outcome => {
  if (told.status === 401) return 'unauthenticated'
  if (told.status === 403) return 'forbidden'
  if (told.status >= 500) throw new Error(JSON.stringify(told.body))
  const isNotThere = told.status === 404 && JSON.stringify(told.body) === JSON.stringify(forNothing.body)
  return isNotThere ? 'not there' : 'answered'
}

describe.each(MODES)('over plain HTTP, who is asking is told by %s', (mode) => {
  it.each(operations)('%s', async (_, asked, answers) => {
    const outcomes = await Promise.all(
      WHO.map(async (who) => {
        const said = await saying(mode, who)
        const forNothing = await ask(mode, said, asked(randomUUID()))
        return [who, outcomeOf(await ask(mode, said, asked(anns.order)), forNothing)] as const
      }),
    )
    expect(Object.fromEntries(outcomes)).toEqual(answers)
  })

  it('what the other mode believes says nothing', async () => {
    const said = await saying(mode === 'header' ? 'jwt' : 'header', 'an admin')
    const head = await services[mode].head()
    const told = await Promise.all(operations.map(([, asked]) => ask(mode, said, asked(anns.order))))
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set([401]))
    expect(await services[mode].head(), 'nothing is appended').toBe(head)
  })
})

it('no documented operation is left out', async () => {
  const Document = z.object({
    paths: z.record(
      z.string(),
      z.record(z.string(), z.object({ operationId: z.string(), tags: z.array(z.string()) })),
    ),
  })
  const { orders, payments } = services.header
  const documents = await Promise.all(
    [orders, payments].map(async (url) => Document.parse(await (await fetch(`${url}/openapi.json`)).json())),
  )
  const documented = documents
    .flatMap(({ paths }) => Object.values(paths))
    .flatMap((path) => Object.values(path))
    .filter(({ operationId, tags }) => !tags.includes('operation') && operationId !== 'takeWebhook')
    .map(({ operationId }) => operationId)
  expect(new Set(documented)).toEqual(new Set(operations.map(([name]) => name)))
})
