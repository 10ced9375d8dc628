import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { UserId } from '../domain/ids.ts'
import { botIn } from '../notifications/bot.ts'
import { chatsIn } from '../notifications/chats.ts'
import { linkCodesIn } from '../notifications/linkCodes.ts'
import { cursorOf } from '../service/opaque.ts'
import { mongoClient } from '../service/clients.ts'
import { startNodes } from '../tests/startNodes.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

const nodes = await startNodes()
const mongo = await mongoClient(nodes.documents, 'test').connect()
const db = mongo.db('test-notifications')
let api: TestApi
beforeAll(async () => {
  api = await startTestApi({ ...nodes, database: db.databaseName })
})
afterAll(async () => {
  await api.stop()
  await mongo.close()
  await nodes.stop()
})

const Notifications = z.object({
  notifications: z.object({
    edges: z.array(
      z.object({
        cursor: z.string(),
        node: z.object({
          kind: z.string(),
          text: z.string(),
          russian: z.string(),
          at: z.string(),
          order: z.object({ id: z.string(), status: z.string() }),
          telegram: z.object({ status: z.string() }).nullable(),
        }),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})

const ask = `query ($from: DateTime, $to: DateTime, $first: Int, $after: String) {
  notifications(from: $from, to: $to, first: $first, after: $after) {
    edges { cursor node {
      kind text russian: text(language: RU) at order { id status } telegram { status }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`
const inboxOf = async (user: UserId, variables: object = {}, token?: string) => {
  const headers = token === undefined ? {} : { 'x-consistency-token': token }
  const { data, errors } = await api.ask(user, ask, variables, headers)
  expect(errors).toBeUndefined()
  const { edges, pageInfo } = Notifications.parse(data).notifications
  return { nodes: edges.map(({ node }) => node), ...pageInfo }
}

/** An order that has come to its end; what it was told can be read. */
const told = async (user: UserId, how: 'PAID' | 'FAILED') => {
  const { id } = await api.place(user)
  const { position } = await (how === 'PAID' ? api.pay(id) : api.failShort(id, 250))
  await api.caughtUp(Buffer.from(`p${position}`).toString('base64url'))
  return id
}

describe('the inbox', () => {
  it('lists what happened to one’s orders, newest first, page by page, and nobody else’s', async () => {
    const ann = person()
    const paid = await told(ann, 'PAID')
    const failed = await told(ann, 'FAILED')
    const { nodes } = await inboxOf(ann)
    expect(nodes).toMatchObject([
      { kind: 'FAILED', order: { id: failed, status: 'FAILED' }, telegram: null },
      { kind: 'PAID', order: { id: paid, status: 'PAID' }, telegram: null },
    ])
    expect(nodes.map(({ text }) => text.split('\n')[0])).toEqual([
      'Your order for €7.00 could not be completed. The wallet was short by €2.50.',
      'Your order for €7.00 is paid. Thank you!',
    ])
    expect(nodes[1]?.russian).toMatch(/^Ваш заказ на 7,00\u00a0€ оплачен\. Спасибо!\n/)
    const first = await inboxOf(ann, { first: 1 })
    expect(first.hasNextPage).toBe(true)
    const second = await inboxOf(ann, { first: 1, after: first.endCursor })
    expect([...first.nodes, ...second.nodes]).toEqual(nodes)
    expect(second.hasNextPage).toBe(false)
    expect((await inboxOf(person())).nodes).toEqual([])
  })

  it('lists those of a period', async () => {
    const ann = person()
    await told(ann, 'PAID')
    await told(ann, 'FAILED')
    const [failed, paid] = (await inboxOf(ann)).nodes
    expect((await inboxOf(ann, { from: failed?.at })).nodes).toEqual([failed])
    expect((await inboxOf(ann, { to: failed?.at })).nodes).toEqual([paid])
    expect((await inboxOf(ann, { from: '2999-01-01T00:00:00Z' })).nodes).toEqual([])
    const { errors } = await api.ask(ann, ask, { from: paid?.at, to: paid?.at })
    expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT')
  })

  it('is in the language of the linked chat', async () => {
    const ivan = person()
    await chatsIn(db).link({ _id: ivan, chatId: 77, language: 'RU', linkedAt: new Date() })
    await told(ivan, 'PAID')
    const [node] = (await inboxOf(ivan)).nodes
    expect(node?.text).toBe(node?.russian)
  })
})

it.each([
  ['an empty page', '{ notifications(first: 0) { edges { cursor } } }', /^first:/],
  ['a page of too many', '{ notifications(first: 101) { edges { cursor } } }', /^first:/],
  [
    'a cursor of another list',
    `{ notifications(after: "${cursorOf('order', 7)}") { edges { cursor } } }`,
    /^after: is not a cursor of this list/,
  ],
  [
    'a day that is no moment',
    '{ notifications(from: "2026-01-01") { edges { cursor } } }',
    /^from: DateTime/,
  ],
  [
    'a language that nobody speaks here',
    '{ notifications { edges { node { text(language: XX) } } } }',
    /Language/,
  ],
  [
    'a link by an empty key',
    'mutation { linkTelegram(input: { idempotencyKey: "" }) { __typename } }',
    /idempotencyKey/,
  ],
])('%s is malformed', async (_, query, message) => {
  const { errors } = await api.ask(person(), query)
  expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT')
  expect(errors?.[0]?.message).toMatch(message)
})

describe('a Telegram chat', () => {
  const link = `mutation { linkTelegram(input: { idempotencyKey: "link" }) {
    __typename ... on TelegramLink { url code expiresAt } ... on Refusal { message }
  } }`
  const mine = '{ me { telegram { status language } } }'
  const Link = z.object({
    linkTelegram: z.object({ url: z.url(), code: z.string(), expiresAt: z.iso.datetime() }),
  })

  it('can’t be linked where there is no bot', async () => {
    const { data } = await api.ask(person(), link)
    expect(data).toMatchObject({ linkTelegram: { __typename: 'TelegramNotSetUp' } })
  })

  it('is linked by a link, of which only the last one is good; the code is kept nowhere', async () => {
    await botIn(db).introduce('counterfoil_bot')
    const ann = person()
    const asked = async () => Link.parse((await api.ask(ann, link)).data).linkTelegram
    const [former, latter] = [await asked(), await asked()]
    expect(latter.url).toBe(`https://t.me/counterfoil_bot?start=${latter.code}`)
    expect(latter.code).toMatch(/^[\w-]{22}$/)
    const lasting = Date.parse(latter.expiresAt) - Date.now()
    expect(lasting).toBeGreaterThan(14 * 60_000)
    expect(lasting).toBeLessThanOrEqual(15 * 60_000)
    const stored = JSON.stringify(await db.collection('telegramCodes').find().toArray())
    expect(stored).not.toContain(latter.code)

    const codes = linkCodesIn(db)
    expect(await codes.redeem(former.code, 5, new Date())).toBeUndefined()
    expect(await codes.redeem(latter.code, 5, new Date(latter.expiresAt))).toBeUndefined()
    expect(await codes.redeem(latter.code, 5, new Date())).toBe(ann)
    expect(await codes.redeem(latter.code, 6, new Date())).toBeUndefined()
  })

  it('shows whether it is linked or blocked, to nobody else', async () => {
    const ann = person()
    const telegram = async (user: UserId) => (await api.ask(user, mine)).data
    expect(await telegram(ann)).toEqual({ me: { telegram: null } })
    await chatsIn(db).link({ _id: ann, chatId: 78, language: 'EN', linkedAt: new Date() })
    expect(await telegram(ann)).toEqual({ me: { telegram: { status: 'LINKED', language: 'EN' } } })
    await chatsIn(db).blocked(78, new Date())
    expect(await telegram(ann)).toEqual({ me: { telegram: { status: 'BLOCKED', language: 'EN' } } })
    expect(await telegram(person())).toEqual({ me: { telegram: null } })
  })
})
