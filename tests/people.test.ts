import { EventStoreDBClient } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { chooseAt, openBrowser, whereTo } from '../people/browserUnderTest.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { checkPromises } from './promises.ts'
import { identity } from './startIdentity.ts'

// The whole system as npm start brings it up where people sign in: what they do, and what is left when they go.
let dataDir: string
let system: System
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-people-'))
  system = await startSystem({ dataDir, env: { ...process.env, AUTH_MODE: 'jwt', LOG_LEVEL: 'warn' } })
})
afterAll(async () => {
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const [admin, customer] = [identity(0), identity(1)]

/** Signs somebody in as a browser is, and asks as a page of ours does. */
const signIn = async ({ sub }: { readonly sub: string }) => {
  const browser = openBrowser()
  const begun = await browser.go(`${system.addresses.signIn}?return_to=/graphql`)
  const back = await browser.go(await chooseAt(browser, whereTo(begun), sub))
  expect(back.headers.get('location')).toBe('/graphql')
  return async <T>(query: string, data: z.ZodType<T>, variables: object = {}): Promise<T> => {
    const response = await browser.go(system.addresses.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: system.addresses.api },
      body: JSON.stringify({ query, variables }),
    })
    return z.object({ data }).parse(await response.json()).data
  }
}

const Me = z.object({
  me: z.object({
    id: z.string(),
    role: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
  }),
})
const me = '{ me { id role name email } }'
const Orders = z.object({
  allOrders: z.object({
    edges: z.array(z.object({ node: z.object({ id: z.string(), status: z.string() }) })),
  }),
})
const ordersOf = `query ($id: ID!) { allOrders(filter: { customerId: $id }) { edges { node { id status } } } }`
const Status = z.object({ order: z.object({ status: z.string() }).nullable() })

const people = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['people/tool/main.ts', ...args], {
    env: {
      ...process.env,
      EVENTSTORE_URL: system.addresses.eventstore,
      MONGODB_URL: system.addresses.mongodb,
    },
  })
  return stdout
}

it(
  'somebody buys, is erased, and means nobody from then on, while all books still add up',
  { timeout: 60_000 },
  async () => {
    const [asAdmin, asCustomer] = [await signIn(admin), await signIn(customer)]
    expect((await asAdmin(me, Me)).me).toMatchObject({ role: 'ADMIN', name: admin.name })
    const known = (await asCustomer(me, Me)).me
    expect(known).toMatchObject({ role: 'USER', name: customer.name, email: customer.email })

    const Opened = z.object({ openWallet: z.object({ __typename: z.literal('Wallet') }) })
    await asCustomer(
      'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "open" }) { __typename } }',
      Opened,
    )
    const Deposited = z.object({ deposit: z.object({ __typename: z.literal('Wallet') }) })
    await asCustomer(
      'mutation { deposit(input: { money: { amount: 1000, currency: "EUR" }, idempotencyKey: "pay in" }) { __typename } }',
      Deposited,
    )
    const Placed = z.object({ placeOrder: z.object({ id: z.string() }) })
    const { placeOrder } = await asCustomer(
      `mutation { placeOrder(input: { price: { amount: 700, currency: "EUR" }, description: "a book", idempotencyKey: "buy" })
      { ... on Order { id } } }`,
      Placed,
    )
    const { id } = placeOrder
    const status = async () =>
      (await asCustomer('query ($id: ID!) { order(id: $id) { status } }', Status, { id })).order?.status
    await expect.poll(status).toBe('PAID')

    expect(await people('list')).toMatch(new RegExp(`${known.id} +USER +${customer.email} +${customer.name}`))
    expect(await people('sessions', customer.email)).toMatch(/127\.0\.0\.1 +node/)
    expect(await people('erase', customer.email)).toMatch(
      /is erased \(profiles: 1, devices: 1.*\), and signed out of 1/,
    )
    expect(await people('erase', known.id)).toMatch(/was erased before/)
    expect(await people('list')).not.toContain(known.id)
    await expect(people('erase', customer.email)).rejects.toThrow(/Nobody has signed in/)

    const NotIn = z.null()
    await expect.poll(() => asCustomer(me, Me.or(NotIn)).catch(() => 'out')).toBe('out')
    expect((await asAdmin(ordersOf, Orders, { id: known.id })).allOrders.edges).toEqual([
      { node: { id, status: 'PAID' } },
    ])

    const client = EventStoreDBClient.connectionString(system.addresses.eventstore)
    const mongo = new MongoClient(system.addresses.mongodb)
    await checkPromises(client, mongo.db('counterfoil'))
    for (const { name } of await mongo.db('counterfoil').listCollections().toArray()) {
      const documents = await mongo.db('counterfoil').collection(name).find().toArray()
      expect(JSON.stringify(documents), name).not.toMatch(/ben@people|Okafor/)
    }
    await mongo.close()
    await client.dispose()

    const again = (await (await signIn(customer))(me, Me)).me
    expect(again).toMatchObject({ role: 'USER', name: customer.name })
    expect(again.id).not.toBe(known.id)
  },
)
