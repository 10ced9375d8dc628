import { describe, expect, it } from 'vitest'
import { blocked, tooMany } from './botApiUnderTest.ts'
import { messaging, SHOP } from './underTest.ts'

const { api, apiIsBack, cancelledOrder, chats, claimAndDie, deliveryOf, linked, paidOrder, start } =
  messaging()

const WAIT = { timeout: 30_000 }
/** Those that have arrived about an order, in order. */
const about = (orderId: string, chat: number | string) =>
  api()
    .to(chat)
    .filter((text) => text.includes(orderId))
    .map((text) => text.split('\n')[0])

describe('messages', { timeout: 60_000 }, () => {
  it('tell customers in their language, and the shop, each once, also when two services are there', async () => {
    const services = [await start(), await start()]
    const [ann, ivan] = [await linked(), await linked('RU')]
    const [paid, cancelled] = [await paidOrder(ann.userId), await cancelledOrder(ivan.userId)]
    await expect.poll(() => deliveryOf(paid, ann.userId), WAIT).toBe('DELIVERED')
    await expect.poll(() => deliveryOf(cancelled, ivan.userId), WAIT).toBe('DELIVERED')
    await expect.poll(() => api().to(SHOP).length, WAIT).toBe(4)
    expect(about(paid.orderId, ann.chatId)).toEqual(['Your order for €1.00 is paid. Thank you!'])
    expect(about(cancelled.orderId, ivan.chatId)).toEqual([
      'Ваш заказ на 1,00\u00a0€ отменён. Отменил покупатель.',
    ])
    expect(new Set(about(paid.orderId, SHOP))).toEqual(
      new Set(['New order for €1.00.', 'Order for €1.00 is paid.']),
    )
    // To one chat, one a second.
    const shop = api().tried.filter(({ chat }) => chat === SHOP)
    for (const [n, { at }] of shop.entries())
      if (n > 0) expect(at - (shop[n - 1]?.at ?? 0)).toBeGreaterThan(990)
    expect(services.filter(({ noted }) => noted.includes('LEADS'))).toHaveLength(1)
  })

  it('leave Telegram alone for as long as it wants, all chats of it', async () => {
    const [ann, bob] = [await linked(), await linked()]
    const tries = () => api().tried.filter(({ chat }) => chat === ann.chatId)
    api().goesWrong((chat) => (chat === ann.chatId && tries().length === 1 ? tooMany(3) : undefined))
    await start()
    const toAnn = await paidOrder(ann.userId)
    await expect.poll(() => deliveryOf(toAnn, ann.userId), WAIT).toBe('WAITING RATE_LIMITED')
    const toBob = await paidOrder(bob.userId)
    await expect.poll(() => deliveryOf(toBob, bob.userId), WAIT).toBe('DELIVERED')
    await expect.poll(() => deliveryOf(toAnn, ann.userId), WAIT).toBe('DELIVERED')
    const since = api().tried.map(({ at }) => at - (tries()[0]?.at ?? 0))
    // What was under way when Telegram said so is not called back.
    expect(since.filter((ms) => ms > 300 && ms < 2_990)).toEqual([])
    expect(tries()).toHaveLength(2)
    expect(about(toAnn.orderId, ann.chatId)).toHaveLength(1)
  })

  it('go no more to a chat that blocked the bot, until it is linked again, and that is shown', async () => {
    const { userId, chatId } = await linked()
    api().goesWrong((chat) => (chat === chatId ? blocked : undefined))
    await start()
    const first = await paidOrder(userId)
    await expect.poll(() => deliveryOf(first, userId), WAIT).toBe('FAILED BLOCKED')
    expect(await chats().of(userId)).toMatchObject({ silenced: { reason: 'BLOCKED' } })

    const tries = () => api().tried.filter(({ chat }) => chat === chatId).length
    expect(tries()).toBe(1)
    const unheard = await paidOrder(userId)
    await expect.poll(() => about(unheard.orderId, SHOP).length, WAIT).toBe(2)
    expect(await deliveryOf(unheard, userId)).toBeUndefined()
    expect(tries()).toBe(1)

    api().goesWell()
    await chats().link({ _id: userId, chatId, language: 'EN', linkedAt: new Date() })
    const heard = await paidOrder(userId)
    await expect.poll(() => deliveryOf(heard, userId), WAIT).toBe('DELIVERED')
    expect(api().to(chatId)).toHaveLength(1)
  })

  it('wait while Telegram can’t be reached, and are sent once when it is back', async () => {
    const { userId, chatId } = await linked()
    const { noted } = await start()
    await api().stop()
    const order = await paidOrder(userId)
    await expect.poll(() => deliveryOf(order, userId), WAIT).toBe('WAITING UNREACHABLE')
    await apiIsBack()
    await expect.poll(() => deliveryOf(order, userId), WAIT).toBe('DELIVERED')
    expect(about(order.orderId, chatId)).toHaveLength(1)
    expect(noted).not.toContain('UNKNOWN')
  })

  it.each([
    ['LOST', 1],
    [{ code: 500, description: 'Internal Server Error' }, 0],
  ] as const)('are not sent again when the answer is %j: they may have arrived', async (trouble, arrived) => {
    const { userId, chatId } = await linked()
    api().goesWrong((chat) => (chat === chatId ? trouble : undefined))
    await start({ timeout: 300 })
    const [first, second] = [await paidOrder(userId), await cancelledOrder(userId)]
    await expect.poll(() => deliveryOf(first, userId), WAIT).toBe('UNKNOWN')
    await expect.poll(() => deliveryOf(second, userId), WAIT).toBe('UNKNOWN')
    for (const { orderId } of [first, second]) expect(about(orderId, chatId)).toHaveLength(arrived)
    expect(api().tried.filter(({ chat }) => chat === chatId)).toHaveLength(2)
  })

  it('that somebody claimed who is gone are not sent again, and are shown as doubtful', async () => {
    const { userId, chatId } = await linked()
    const order = await paidOrder(userId)
    await claimAndDie(order, 500)
    await expect.poll(() => deliveryOf(order, userId), WAIT).toBe('CLAIMED')
    const { noted } = await start()
    await expect.poll(() => deliveryOf(order, userId), WAIT).toBe('UNKNOWN')
    expect(noted).toContain('UNKNOWN')
    expect(about(order.orderId, chatId)).toEqual([])
  })

  it('wait while the token is refused, which /readyz says, and none is lost', async () => {
    const { userId, chatId } = await linked()
    const { token } = await start()
    const ready = () => token.check.run().then(() => 'ready', String)
    await expect.poll(ready, WAIT).toBe('ready')
    api().refuseToken(true)
    const order = await paidOrder(userId)
    await expect.poll(ready, WAIT).toMatch(/TELEGRAM_BOT_TOKEN is refused: .*401/)
    expect(String(await deliveryOf(order, userId))).not.toMatch(/FAILED|DELIVERED|UNKNOWN/)
    api().refuseToken(false)
    await expect.poll(() => deliveryOf(order, userId), WAIT).toBe('DELIVERED')
    expect(about(order.orderId, chatId)).toHaveLength(1)
    expect(await ready()).toBe('ready')
  })

  it('that are no news any more are not sent, and the inbox shows it', async () => {
    const { userId, chatId } = await linked()
    await start({ now: () => new Date(Date.now() + 3_600_000) })
    const order = await paidOrder(userId)
    await expect.poll(() => deliveryOf(order, userId), WAIT).toBe('FAILED TOO_OLD')
    expect(api().to(chatId)).toEqual([])
  })
})
