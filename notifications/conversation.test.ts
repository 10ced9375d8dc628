import { describe, expect, it } from 'vitest'
import { eraseChats } from './eraseChats.ts'
import { messaging } from './underTest.ts'

const { api, chats, codes, db, deliveryOf, linked, paidOrder, person, start } = messaging()

const WAIT = { timeout: 30_000 }
/** The first words of everything that the bot has said in a chat. */
const said = (chatId: number) =>
  api()
    .to(chatId)
    .map((text) => text.split(/[.:,]/)[0])
const hears = async (chatId: number, text: string, language?: string) => {
  const before = said(chatId).length
  api().hears(chatId, text, language)
  await expect.poll(() => said(chatId).length, WAIT).toBe(before + 1)
}
const codeFor = async (user = person()) => ({ user, ...(await codes().issue(user, new Date())) })

describe('in a chat with the bot', { timeout: 60_000 }, () => {
  it('/start and a code links it, once; the person is told there in their language', async () => {
    await start()
    const { user, code } = await codeFor()
    await hears(11, `/start ${code}`, 'ru-RU')
    expect(said(11)).toEqual(['Чат подключён'])
    expect(await chats().of(user)).toMatchObject({ chatId: 11, language: 'RU' })
    const order = await paidOrder(user)
    await expect.poll(() => deliveryOf(order, user), WAIT).toBe('DELIVERED')
    expect(said(11)[1]).toBe('Ваш заказ на 1')

    await hears(12, `/start ${code}`)
    expect(said(12)).toEqual(['This link is no longer valid'])
    await hears(12, '/start no-such-code')
    expect(await chats().of(user)).toMatchObject({ chatId: 11 })
  })

  it('a person has one chat and a chat is of one person: the link made last counts', async () => {
    await start()
    const [ann, bob] = [await codeFor(), await codeFor()]
    await hears(21, `/start ${ann.code}`)
    const again = await codeFor(ann.user)
    await hears(22, `/start ${again.code}`)
    expect(await chats().of(ann.user)).toMatchObject({ chatId: 22 })
    await hears(22, `/start ${bob.code}`)
    expect(await chats().of(bob.user)).toMatchObject({ chatId: 22 })
    expect(await chats().of(ann.user)).toBeUndefined()
  })

  it('/stop ends it, /start alone explains, and groups are told nothing but their number', async () => {
    await start()
    const { user, code } = await codeFor()
    await hears(31, '/start')
    await hears(31, `/start ${code}`)
    await hears(31, '/stop')
    await hears(31, '/stop')
    expect(said(31).map((text) => text?.slice(0, 22))).toEqual([
      'This bot tells you wha',
      'This chat is linked',
      'This chat is no longer',
      'This chat is not linke',
    ])
    expect(await chats().of(user)).toBeUndefined()
    const other = await codeFor()
    api().hears(-32, `/start ${other.code}`)
    await hears(-32, '/id@counterfoil_bot')
    expect(api().to(-32)).toEqual(['The number of this chat is -32'])
    expect(await chats().of(other.user)).toBeUndefined()
  })

  it('who blocks the bot is not written to any more', async () => {
    await start()
    const { userId, chatId } = await linked()
    api().isBlockedIn(chatId)
    await expect.poll(() => chats().of(userId), WAIT).toMatchObject({ silenced: { reason: 'BLOCKED' } })
  })

  it('what comes twice counts once, also for whoever hears it next', async () => {
    const first = await start()
    const { user, code } = await codeFor()
    await hears(41, `/start ${code}`)
    await hears(41, '/stop')
    await expect.poll(() => api().pending(), WAIT).toBe(0)
    api().repeatItself()
    await hears(41, '/start')
    await first.stop()
    await start()
    api().repeatItself()
    await hears(41, '/start')
    expect(said(41).filter((text) => text?.startsWith('This chat'))).toHaveLength(2)
    expect(await chats().of(user)).toBeUndefined()
  })
})

it('what is known of somebody’s chats can be erased', async () => {
  const { userId } = await linked()
  await codeFor(userId)
  expect(await eraseChats(db(), userId)).toBe(2)
  expect(await chats().of(userId)).toBeUndefined()
  expect(await eraseChats(db(), userId)).toBe(0)
})
