import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { signerOf } from '../access/tokenControls.ts'
import type { Signer } from '../access/tokenControls.ts'
import { accessBy, following, tokenFor } from '../access/underTest.ts'
import { ann, bob } from '../domain/controls.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { topUpIdFor } from '../payments/topUp/commands.ts'
import { tokenOf } from '../service/opaque.ts'
import { operations, subscriptions, WHO } from './accessMatrix.ts'
import type { Outcome, Who, World } from './accessMatrix.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { keeper, mutations, shopper, tokenIn } from './shopUnderTest.ts'

const MODES = ['header', 'jwt'] as const
type Mode = (typeof MODES)[number]

let stop: () => Promise<unknown>
let apis: Readonly<Record<Mode, TestApi>>
let signer: Signer
/** As new as all that is asked for. */
let token = ''
/** What is Ann's, and what is nobody's. */
let anns: World
let nobodys: World
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'access-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  const servers = {
    events: events.connectionString,
    documents: documents.connectionString,
    database: 'access',
  }
  signer = await signerOf('2026')
  const header = await startTestApi(servers)
  const access = accessBy(header.client, signer)
  const stopFollowing = await following(header.client, access)
  const jwt = await startTestApi({ ...servers, projecting: false, access: () => access })
  apis = { header, jwt }
  stop = async () => {
    await stopFollowing()
    await jwt.stop()
    await header.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
  const open = 'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "open" }) { __typename } }'
  const topUp = `mutation {
    topUpWallet(input: { amount: { amount: 500, currency: "EUR" }, idempotencyKey: "top-up" }) { __typename }
  }`
  for (const user of [ann, bob, admin]) await header.ask(user, open)
  const key = randomUUID
  // There is no card processor, so that it is not known what becomes of it.
  await header.ask(ann, topUp)
  anns = { order: (await header.place(ann)).id, topUp: topUpIdFor(ann, 'top-up'), user: ann, key }
  nobodys = { order: randomUUID(), topUp: randomUUID(), user: person(), key }
  await keeper(header).receive('compass', 50)
  token = tokenIn(await shopper(header, ann).add('compass'))
  await header.caughtUp(token)
})
afterAll(() => stop())

const admin = person()
const PEOPLE = {
  Ann: { user: ann, role: 'USER' },
  'another user': { user: bob, role: 'USER' },
  'an admin': { user: admin, role: 'ADMIN' },
} as const

/** What somebody says of themselves, in a mode. */
const saying = async (mode: Mode, who: Who): Promise<Record<string, string>> => {
  if (who === 'nobody') return {}
  const { user, role } = PEOPLE[who]
  return mode === 'header'
    ? { 'x-user-id': user, 'x-user-role': role }
    : { authorization: `Bearer ${await tokenFor(signer, user, { role })}` }
}

const Answered = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.looseObject({ extensions: z.object({ code: z.string() }) })).optional(),
})
type Answered = z.infer<typeof Answered>

const ask = async (
  mode: Mode,
  headers: Readonly<Record<string, string>>,
  query: string,
  consistencyToken = token,
) =>
  Answered.parse(
    await apis[mode].send({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-consistency-token': consistencyToken, ...headers },
      body: JSON.stringify({ query }),
    }),
  )
const codeOf = ({ errors }: Answered) => errors?.[0]?.extensions.code
/** How a subscription is refused: by the close of its socket, or by errors. */
const Refused = z.union([
  z
    .object({ code: z.literal(4401) })
    .transform(() => ({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })),
  Answered.shape.errors.unwrap().transform((errors) => ({ errors })),
])
const refused = (fault: unknown): Answered => Refused.parse(fault)
const placing = ({ key }: World) => `mutation {
  placeOrder(input: { price: { amount: 1, currency: "EUR" }, description: "a pin", idempotencyKey: "${key()}" }) { __typename }
}`

const denied = z.enum(['UNAUTHENTICATED', 'FORBIDDEN'])

/** How an answer differs from the one for what isn't there; of what exists once, it can't. */
const outcomeOf = (answer: Answered, forNothing: Answered, isOfAnn: boolean): Outcome => {
  const code = denied.safeParse(codeOf(answer))
  if (code.success) return code.data
  if (isOfAnn && JSON.stringify(answer) === JSON.stringify(forNothing)) return 'not there'
  if (answer.errors) throw new Error(`neither answered nor denied: ${JSON.stringify(answer)}`)
  return 'answered'
}

const everybody = async (outcome: (who: Who) => Promise<Outcome>) =>
  Object.fromEntries(await Promise.all(WHO.map(async (who) => [who, await outcome(who)] as const)))

describe.each(MODES)('who is asking is told by %s', (mode) => {
  it.each(operations)('$operation', async ({ operation, ask: field, answers }) => {
    const keyword = operation.startsWith('Query') ? 'query' : 'mutation'
    const key = () => 'the same'
    const isOfAnn = field({ ...anns, key }) !== field({ ...nobodys, key })
    const documentOf = (world: World) => `${keyword} { answer: ${field(world)} }`
    expect(
      await everybody(async (who) => {
        const headers = await saying(mode, who)
        const forNothing = await ask(mode, headers, documentOf(nobodys))
        return outcomeOf(await ask(mode, headers, documentOf(anns)), forNothing, isOfAnn)
      }),
    ).toEqual(answers)
  })

  it.each(subscriptions)('$operation', async ({ operation, ask: field, answers }) => {
    const follow = async (who: Who, world: World): Promise<Answered> => {
      const headers = await saying(mode, who)
      const watchers = apis[mode].hub.watchers()
      const socket = apis[mode].socket(headers)
      const query = `subscription { ${field(world)} }`
      const first = socket.iterate({ query, extensions: { consistencyToken: token } }).next()
      const answer = first.then(({ value }) => Answered.parse(value), refused)
      if (operation === 'Subscription.myOrders' && who !== 'nobody') {
        // Nothing has happened yet; so something is made to.
        await expect.poll(() => apis[mode].hub.watchers()).toBeGreaterThan(watchers)
        await ask(mode, headers, placing(anns))
      }
      await answer
      await socket.dispose()
      await expect.poll(() => apis[mode].hub.watchers()).toBe(watchers)
      return answer
    }
    const isOfAnn = field(anns) !== field(nobodys)
    for (const who of WHO)
      expect(outcomeOf(await follow(who, anns), await follow(who, nobodys), isOfAnn), who).toBe(answers[who])
  })

  it.each(['Ann', 'another user', 'an admin'] as const)(
    '%s has a cart, a wallet and orders of their own',
    async (who) => {
      const query =
        '{ me { id role } cart { id } wallet { id } orders(first: 100) { edges { node { id } } } }'
      const answer = await ask(mode, await saying(mode, who), query)
      const { user, role } = PEOPLE[who]
      expect(answer.data).toMatchObject({ me: { id: user, role }, cart: { id: user }, wallet: { id: user } })
      expect(JSON.stringify(answer).includes(anns.order)).toBe(who === 'Ann')
    },
  )

  it('what the other mode believes says nothing', async () => {
    const other = mode === 'header' ? 'jwt' : 'header'
    const headers = await saying(other, 'an admin')
    const head = await apis[mode].head()
    const answers = await Promise.all(
      operations.map(({ operation, ask: field }) =>
        ask(mode, headers, `${operation.startsWith('Query') ? 'query' : 'mutation'} { ${field(anns)} }`),
      ),
    )
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['UNAUTHENTICATED']))
    expect(await apis[mode].head(), 'nothing is appended').toBe(head)
  })
})

it('no operation of the schema is left out', async () => {
  const fields = 'fields { name }'
  const query = `{ __schema { queryType { name ${fields} } mutationType { name ${fields} } subscriptionType { name ${fields} } } }`
  const Type = z.object({ name: z.string(), fields: z.array(z.object({ name: z.string() })) })
  const { __schema } = z
    .object({ __schema: z.record(z.string(), Type) })
    .parse((await ask('header', {}, query)).data)
  const all = Object.values(__schema).flatMap(({ name, fields }) =>
    fields.map((field) => `${name}.${field.name}`),
  )
  const listed = [...operations, ...subscriptions].map(({ operation }) => operation.split(',')[0])
  expect(new Set(listed)).toEqual(new Set(all))
})

describe('who may not is told so before anything is looked at', () => {
  it.each([
    ['stats { consistencyToken }'],
    [`wallet(at: "2999-01-01T00:00:00Z") { id }`],
    ['allOrders(first: 0) { edges { cursor } }'],
  ])('%s: nobody but admins is kept waiting', async (field) => {
    const far = tokenOf(10n ** 15n)
    expect(codeOf(await ask('header', await saying('header', 'Ann'), `{ ${field} }`, far))).toBe('FORBIDDEN')
  })

  it.each(['receiveStock', 'correctStock'] as const)('%s: what makes no sense', async (field) => {
    const common = { sku: 'compass', warehouse: '', idempotencyKey: '' }
    const input = field === 'receiveStock' ? { ...common, quantity: 1 } : { ...common, onHand: 1, reason: '' }
    const head = await apis.header.head()
    const codes = await Promise.all(
      WHO.map(async (who) => {
        const answer = await apis.header.send({
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(await saying('header', who)) },
          body: JSON.stringify({ query: mutations[field], variables: { input } }),
        })
        return codeOf(Answered.parse(answer))
      }),
    )
    expect(codes).toEqual(['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN', 'BAD_INPUT'])
    expect(await apis.header.head(), 'nothing is appended').toBe(head)
  })
})
