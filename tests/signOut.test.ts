import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { chooseAt, openBrowser, whereTo } from '../people/browserUnderTest.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { identity } from './startIdentity.ts'

// The whole system, whose services each find out by themselves who is asking, and who is not any more.
let dataDir: string
let system: System
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-sign-out-'))
  system = await startSystem({ dataDir, env: { ...process.env, AUTH_MODE: 'jwt', LOG_LEVEL: 'warn' } })
})
afterAll(async () => {
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const Tokens = z.object({ access_token: z.string(), refresh_token: z.string() })
type Tokens = z.infer<typeof Tokens>

const signIn = async ({ sub }: { readonly sub: string }): Promise<Tokens> => {
  const browser = openBrowser()
  const begun = await browser.go(system.addresses.signIn)
  return Tokens.parse(await (await browser.go(await chooseAt(browser, whereTo(begun), sub))).json())
}
const bearing = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` })
const posted = (headers: Readonly<Record<string, string>>, body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** What every service says to a request with these headers. */
const statuses = async (headers: Readonly<Record<string, string>>) => {
  const { graphql, orders, payments } = system.addresses
  const answers = await Promise.all([
    fetch(graphql, posted(headers, { query: '{ me { id } }' })),
    fetch(`${orders}/orders`, { headers }),
    fetch(`${payments}/accounts/balance`, { headers }),
  ])
  return answers.map(({ status }) => status)
}
const EVERYWHERE = { in: [200, 200, 200], out: [401, 401, 401] }

/** A WebSocket; how it was opened, and how it was closed. */
const connect = (url: string, headers: Readonly<Record<string, string>>, protocol: string[] = []) => {
  const socket = new WebSocket(url.replace('http', 'ws'), protocol, { headers })
  const messages: string[] = []
  const closed: number[] = []
  socket.on('message', (data: Buffer) => messages.push(data.toString()))
  socket.on('close', (code) => closed.push(code))
  return { socket, messages, closed }
}

it(
  'whoever signs out is out at once, in every service, also in one that starts again',
  { timeout: 60_000 },
  async () => {
    const [tokens, elsewhere] = [await signIn(identity(1)), await signIn(identity(1))]
    const { graphql, orders, payments, api } = system.addresses
    const account = { ...bearing(tokens), 'idempotency-key': 'open' }
    expect((await fetch(`${payments}/accounts`, posted(account, { currency: 'EUR' }))).status).toBe(201)
    const order = { ...bearing(tokens), 'idempotency-key': 'order' }
    const placed = await fetch(
      `${orders}/orders`,
      posted(order, {
        amount: 500,
        description: 'a book',
        payment_method: 'CARD',
      }),
    )
    expect(placed.status).toBe(201)
    const { id } = z.object({ id: z.string() }).parse(await placed.json())
    await expect.poll(() => statuses(bearing(tokens))).toEqual(EVERYWHERE.in)
    expect(await statuses({ 'x-user-id': crypto.randomUUID(), 'x-user-role': 'ADMIN' })).toEqual(
      EVERYWHERE.out,
    )

    const live = connect(graphql, bearing(tokens), ['graphql-transport-ws'])
    live.socket.on('open', () => live.socket.send('{"type":"connection_init"}'))
    const watched = connect(`${orders}/orders/${id}/ws`, bearing(tokens))
    const other = connect(`${orders}/orders/${id}/ws`, bearing(elsewhere))
    await expect.poll(() => [live, watched, other].every(({ messages }) => messages.length === 1)).toBe(true)

    expect((await fetch(`${api}/auth/logout`, posted(bearing(tokens), {}))).status).toBe(204)
    await expect.poll(() => [live.closed, watched.closed]).toEqual([[4403], [4403]])
    await expect.poll(() => statuses(bearing(tokens))).toEqual(EVERYWHERE.out)
    expect(await statuses(bearing(elsewhere))).toEqual(EVERYWHERE.in)
    expect(other.closed).toEqual([])

    await Promise.all(['orders', 'payments', 'api'].map((name) => system.processes.kill(name, 'SIGKILL')))
    await system.processes.ready()
    expect(await statuses(bearing(tokens))).toEqual(EVERYWHERE.out)
    expect(await statuses(bearing(elsewhere))).toEqual(EVERYWHERE.in)
    const signedOut = connect(`${orders}/orders/${id}/ws`, bearing(tokens))
    const refusal = Promise.withResolvers<number | undefined>()
    signedOut.socket.on('unexpected-response', (_, { statusCode }) => refusal.resolve(statusCode))
    expect(await refusal.promise).toBe(401)
    signedOut.socket.on('error', () => undefined).terminate()
  },
)
