import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { httpClient } from '../client/http.ts'
import { operations } from '../client/operations.ts'
import { startBotApi } from '../notifications/botApiUnderTest.ts'
import type { BotApi } from '../notifications/botApiUnderTest.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'

const SHOP = '-100200300'
const CHAT = 4711
const WAIT = { timeout: 30_000 }

let dataDir: string
let bot: BotApi
let system: System
let client: ReturnType<typeof httpClient>
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-messages-'))
  bot = await startBotApi()
  system = await startSystem({
    dataDir,
    env: {
      ...process.env,
      TELEGRAM_BOT_TOKEN: bot.token,
      TELEGRAM_API_ROOT: bot.url,
      TELEGRAM_SHOP_CHAT: SHOP,
      TELEGRAM_TIMEOUT: '2s',
    },
  })
  client = httpClient(system.addresses.graphql, 2)
}, 60_000)
afterAll(async () => {
  await client.close()
  await system.stop()
  await bot.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const user = crypto.randomUUID()
const Link = z.object({ linkTelegram: z.object({ code: z.string() }) })
const link = `mutation { linkTelegram(input: { idempotencyKey: "k" }) { ... on TelegramLink { code } } }`
const Inbox = z.object({
  notifications: z.object({
    edges: z.array(
      z.object({
        node: z.object({
          kind: z.string(),
          orderId: z.string(),
          telegram: z.object({ status: z.string() }).nullable(),
        }),
      }),
    ),
  }),
})
const inbox = '{ notifications { edges { node { kind orderId telegram { status } } } } }'

/** What the inbox says of an order, and how its message gets on. */
const told = async (orderId: string) => {
  const { notifications } = await client.ask({ user, query: inbox, data: Inbox })
  const found = notifications.edges.find(({ node }) => node.orderId === orderId)?.node
  return found && `${found.kind} ${found.telegram?.status ?? 'HERE ONLY'}`
}

const buy = async (amount: number, key: string): Promise<string> => {
  const placed = await operations(client).placeOrder(user, {
    price: { amount, currency: 'EUR' },
    description: '<b>a book</b>',
    idempotencyKey: key,
  })
  if (placed.__typename !== 'Order') throw new Error(placed.message)
  return placed.id
}

const arrived = (orderId: string) => bot.to(CHAT).filter((text) => text.includes(orderId))

it(
  'people link a chat and are told there of their orders, each once, even if the service dies while it sends',
  { timeout: 120_000 },
  async () => {
    const { openWallet, deposit } = operations(client)
    await openWallet(user, 'EUR', 'open')
    await deposit(user, { amount: 1_000, currency: 'EUR' }, 'fill')
    const unlinked = await buy(100, 'before')
    await expect.poll(() => told(unlinked), WAIT).toBe('PAID HERE ONLY')

    const { linkTelegram } = await client.ask({ user, query: link, data: Link })
    bot.hears(CHAT, `/start ${linkTelegram.code}`)
    await expect.poll(() => bot.to(CHAT), WAIT).toHaveLength(1)

    const paid = await buy(300, 'paid')
    await expect.poll(() => told(paid), WAIT).toBe('PAID DELIVERED')
    expect(arrived(paid)).toEqual([expect.stringMatching(/^Your order for €3\.00 is paid\. Thank you!\n/)])

    // It has arrived, and nobody will ever say so.
    bot.goesWrong((chat) => (chat === CHAT ? 'NEVER_ANSWERED' : undefined))
    const doubtful = await buy(100, 'doubtful')
    await expect.poll(() => arrived(doubtful), WAIT).toHaveLength(1)
    await system.processes.kill('notifications', 'SIGKILL')
    bot.goesWell()
    await system.processes.ready()
    await expect.poll(() => told(doubtful), WAIT).toBe('PAID UNKNOWN')
    const after = await buy(100, 'after')
    await expect.poll(() => told(after), WAIT).toBe('PAID DELIVERED')
    expect(arrived(doubtful)).toHaveLength(1)

    const orders = [unlinked, paid, doubtful, after]
    await expect.poll(() => bot.to(SHOP).length, WAIT).toBe(2 * orders.length)
    const shop = bot.to(SHOP)
    expect(new Set(shop).size).toBe(shop.length)
    for (const order of orders) expect(shop.filter((text) => text.includes(order))).toHaveLength(2)
    expect(await told(unlinked)).toBe('PAID HERE ONLY')

    const logs = join(dataDir, 'logs')
    for (const name of await readdir(logs))
      expect(await readFile(join(logs, name), 'utf8')).not.toContain(bot.token)
  },
)
