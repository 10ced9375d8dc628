import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { badToken, blocked, chatNotFound, startBotApi, tooMany } from './botApiUnderTest.ts'
import type { BotApi, Trouble } from './botApiUnderTest.ts'
import type { Outcome } from './outcome.ts'
import { TelegramFault, telegramAt } from './telegram.ts'

let api: BotApi
beforeAll(async () => {
  api = await startBotApi()
})
afterAll(() => api.stop())
afterEach(() => {
  api.goesWell()
  api.sent.length = 0
})

const telegram = (options = {}) =>
  telegramAt({ token: api.token, apiRoot: api.url, timeout: 500, ...options })

describe('a message', () => {
  it('is sent as it is, whatever looks like markup in it', async () => {
    const text = '<b>*_[`a&amp;b`](http://example.org)_*</b>'
    expect(await telegram().send(7, text)).toEqual({ status: 'DONE' })
    expect(api.to(7)).toEqual([text])
  })

  it.each<[string, Trouble, Partial<Outcome> & { readonly retryAfter?: number }]>([
    ['too many', tooMany(7), { status: 'NOT_YET', reason: 'RATE_LIMITED', retryAfter: 7_000 }],
    ['a bad token', badToken, { status: 'NOT_YET', reason: 'TOKEN_REFUSED' }],
    [
      'an unknown address',
      { code: 404, description: 'Not Found' },
      { status: 'NOT_YET', reason: 'TOKEN_REFUSED' },
    ],
    ['a blocked bot', blocked, { status: 'NEVER', reason: 'BLOCKED' }],
    ['a chat that is gone', chatNotFound, { status: 'NEVER', reason: 'CHAT_NOT_FOUND' }],
    [
      'a group that has become another',
      { code: 400, description: 'Bad Request: group chat was upgraded to a supergroup chat' },
      { status: 'NEVER', reason: 'CHAT_NOT_FOUND' },
    ],
    [
      'a text that makes no sense',
      { code: 400, description: 'Bad Request: message is too long' },
      { status: 'NEVER', reason: 'REJECTED' },
    ],
    ['a server’s error', { code: 500, description: 'Internal Server Error' }, { status: 'UNKNOWN' }],
    ['a gateway’s page', 'NO_JSON', { status: 'UNKNOWN' }],
    ['a lost answer', 'LOST', { status: 'UNKNOWN' }],
    ['no answer', 'NEVER_ANSWERED', { status: 'UNKNOWN' }],
  ])('meets %s', async (_, trouble, outcome) => {
    api.goesWrong(() => trouble)
    const met = await telegram().send(7, 'a text')
    expect(met).toMatchObject(outcome)
    expect(JSON.stringify(met)).not.toContain(api.token)
  })

  it.each(['http://127.0.0.1:9', 'http://nowhere.invalid', 'https://127.0.0.1:9'])(
    'was not sent where nobody listens, at %s',
    async (apiRoot) => {
      const met = await telegram({ apiRoot }).send(7, 'a text')
      expect(met).toMatchObject({ status: 'NOT_YET', reason: 'UNREACHABLE' })
    },
  )

  it('was not sent where nobody speaks TLS', async () => {
    const apiRoot = api.url.replace('http:', 'https:')
    const met = await telegram({ apiRoot }).send(7, 'a text')
    expect(met).toMatchObject({ status: 'NOT_YET', reason: 'UNREACHABLE' })
  })
})

describe('updates', () => {
  it('are waited for, and no longer than somebody wants them', async () => {
    const stopping = new AbortController()
    const waiting = telegram().updates(0, stopping.signal)
    api.hears(7, 'hello')
    expect(await waiting).toMatchObject([{ message: { text: 'hello' } }])
    const polling = telegram().updates(1_000, stopping.signal)
    stopping.abort(new Error('enough'))
    await expect(polling).rejects.toThrow('enough')
  })

  it('fail without telling the token', async () => {
    const failing = telegram({ apiRoot: 'http://127.0.0.1:9' }).updates(0, new AbortController().signal)
    await expect(failing).rejects.toThrow(TelegramFault)
    const fault: unknown = await failing.catch((thrown: unknown) => thrown)
    expect(String(fault instanceof Error ? fault.stack : fault)).not.toContain(api.token)
  })
})
