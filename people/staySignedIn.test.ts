import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import type { Browser } from './browserUnderTest.ts'
import { problemIn, startPeopleServers, tokensIn } from './peopleUnderTest.ts'
import { grant } from './user.ts'

let servers: Awaited<ReturnType<typeof startPeopleServers>>
let api: Awaited<ReturnType<typeof servers.serve>>
beforeAll(async () => {
  servers = await startPeopleServers()
  api = await servers.serve()
})
afterAll(() => servers.stop())

const refreshed = async (refreshToken: string) => tokensIn(await api.refresh(refreshToken))
const byOurPage = { origin: '', 'sec-fetch-site': 'same-origin' }
const refreshIn = (browser: Browser, headers: Record<string, string> = byOurPage) =>
  browser.go(`${api.url}/auth/refresh`, { method: 'POST', headers })
const endsOf = async (id: string | undefined): Promise<readonly unknown[]> => {
  const ends: unknown[] = []
  for await (const { event } of servers.client.readStream<{ type: 'SessionEnded'; data: { why: string } }>(
    `user-${id}`,
  ))
    if (event?.type === 'SessionEnded') ends.push(event.data.why)
  return ends
}

describe('an API client', () => {
  it('gets new tokens for its refresh token, and new ones for those', async () => {
    const first = await api.signIn(1)
    const second = await refreshed(first.refresh_token)
    const third = await refreshed(second.refresh_token)
    expect(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size).toBe(3)
    const { id } = await api.me(first.access_token)
    expect(await api.me(third.access_token)).toMatchObject({ status: 200, id })
  })

  it('whose answer was lost asks again, and goes on', async () => {
    const first = await api.signIn(1)
    await refreshed(first.refresh_token)
    const again = await refreshed(first.refresh_token)
    expect((await api.refresh(again.refresh_token)).status).toBe(200)
  })

  it('which asks several times at once is not thrown out', async () => {
    const { refresh_token } = await api.signIn(1)
    const answers = await Promise.all([1, 2, 3].map(() => refreshed(refresh_token)))
    expect((await api.refresh(answers[1]?.refresh_token ?? '')).status).toBe(200)
  })

  it('gets its new role with its next token', async () => {
    const { access_token, refresh_token } = await api.signIn(2)
    const id = UserId.parse((await api.me(access_token)).id)
    await servers.users.transact(id, grant('ADMIN'), { cause: begin(crypto.randomUUID(), 'test') })
    await expect.poll(async () => (await api.me(access_token)).status).toBe(401)
    expect(await api.me((await refreshed(refresh_token)).access_token)).toMatchObject({ role: 'ADMIN' })
  })

  it('leaves with its refresh token, and its access token is over, too', async () => {
    const { access_token, refresh_token } = await api.signIn(1)
    const { id } = await api.me(access_token)
    const left = await api.post('/auth/logout', { refresh_token })
    expect(left.status).toBe(204)
    expect(await endsOf(id)).toContain('LOGOUT')
    expect((await api.refresh(refresh_token)).status).toBe(401)
    await expect.poll(async () => (await api.me(access_token)).status).toBe(401)
    expect((await api.post('/auth/logout', { refresh_token })).status).toBe(204)
  })

  it('may leave with its access token alone', async () => {
    const { access_token, refresh_token } = await api.signIn(1)
    const authorization = `Bearer ${access_token}`
    expect((await api.post('/auth/logout', {}, { authorization })).status).toBe(204)
    expect((await api.refresh(refresh_token)).status).toBe(401)
    const unknown = await api.post('/auth/logout', {}, { authorization: 'Bearer made.up.token' })
    expect(unknown.status).toBe(401)
  })

  it('keeps nothing of a device that has left', async () => {
    const { access_token, refresh_token } = await api.signIn(2)
    const id = UserId.parse((await api.me(access_token)).id)
    const before = (await servers.devices.of(id)).length
    await api.post('/auth/logout', { refresh_token })
    expect(await servers.devices.of(id)).toHaveLength(before - 1)
  })
})

describe('a stolen refresh token', () => {
  it('throws both out as soon as both have used it', async () => {
    const { access_token, refresh_token } = await api.signIn(1)
    const { id } = await api.me(access_token)
    const thief = await refreshed(refresh_token)
    const thiefAgain = await refreshed(thief.refresh_token)
    const owner = await api.refresh(refresh_token)
    expect(owner.status).toBe(401)
    expect((await problemIn(owner)).detail).toMatch(/sign in again/)
    expect((await api.refresh(thiefAgain.refresh_token)).status).toBe(401)
    expect((await endsOf(id)).at(-1)).toBe('REUSED')
    await expect.poll(async () => (await api.me(thiefAgain.access_token)).status).toBe(401)
  })

  it('does not touch the same person’s other devices', async () => {
    const [phone, laptop] = [await api.signIn(1), await api.signIn(1)]
    await refreshed((await refreshed(phone.refresh_token)).refresh_token)
    expect((await api.refresh(phone.refresh_token)).status).toBe(401)
    expect((await api.refresh(laptop.refresh_token)).status).toBe(200)
  })

  it('is good for nothing after a month', async () => {
    const { refresh_token } = await api.signIn(1)
    servers.later(30)
    expect((await api.refresh(refresh_token)).status).toBe(401)
    servers.later(-30)
  })

  it.each([
    ['made up', () => 'cfr_made-up'],
    ['changed at its end', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['an access token', (_: string, access: string) => access],
    ['nothing', () => ''],
  ])('that is %s is refused', async (_, other) => {
    const { refresh_token, access_token } = await api.signIn(1)
    expect((await api.refresh(other(refresh_token, access_token))).status).toBe(401)
  })

  it('can’t be guessed from a session’s id, nor somebody be thrown out by it', async () => {
    const { refresh_token } = await api.signIn(1)
    const bytes = Buffer.from(refresh_token.slice(4), 'base64url')
    const guessed = `cfr_${Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(48)]).toString('base64url')}`
    expect((await api.refresh(guessed)).status).toBe(401)
    expect((await api.post('/auth/logout', { refresh_token: guessed })).status).toBe(204)
    expect((await api.refresh(refresh_token)).status).toBe(200)
  })
})

describe('a browser', () => {
  it('gets new cookies, and is told no token', async () => {
    const browser = await api.signInBrowser(1)
    const before = browser.cookie('counterfoil_refresh')
    const response = await refreshIn(browser)
    expect(await response.json()).toEqual({ expires_in: 900 })
    expect(browser.cookie('counterfoil_refresh')).not.toBe(before)
    expect((await browser.go(`${api.url}/auth/me`)).status).toBe(200)
  })

  it('whose two tabs refresh at the same moment stays signed in', async () => {
    const browser = await api.signInBrowser(1)
    const both = await Promise.all([refreshIn(browser), refreshIn(browser)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect((await refreshIn(browser)).status).toBe(200)
  })

  it.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [
      'a page of the same domain that is not ours',
      { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    ],
    ['a page that hides where it is from', { origin: 'null' }],
    ['nobody knows where', {}],
  ])('does nothing for %s', async (_, headers) => {
    const browser = await api.signInBrowser(1)
    expect((await refreshIn(browser, headers)).status).toBe(403)
    const logout = await browser.go(`${api.url}/auth/logout`, { method: 'POST', headers })
    expect(logout.status).toBe(403)
    expect((await refreshIn(browser)).status).toBe(200)
  })

  it('leaves, and has no cookies then', async () => {
    const browser = await api.signInBrowser(1)
    const stolen = browser.cookie('counterfoil_refresh') ?? ''
    const leave = () => browser.go(`${api.url}/auth/logout`, { method: 'POST', headers: byOurPage })
    expect((await leave()).status).toBe(204)
    expect(browser.cookie('counterfoil_access')).toBeUndefined()
    expect(browser.cookie('counterfoil_refresh')).toBeUndefined()
    expect((await api.refresh(stolen)).status).toBe(401)
    expect((await leave()).status).toBe(204)
  })

  it('whose session is over loses its cookies', async () => {
    const browser = await api.signInBrowser(1)
    await api.post('/auth/logout', { refresh_token: browser.cookie('counterfoil_refresh') })
    expect((await refreshIn(browser)).status).toBe(401)
    expect(browser.cookie('counterfoil_refresh')).toBeUndefined()
  })
})

describe('what makes no sense', () => {
  it.each([
    ['/auth/refresh', { refresh_token: 7 }, 400],
    ['/auth/refresh', [], 400],
    ['/auth/refresh', {}, 401],
    ['/auth/logout', { refresh_token: null }, 400],
  ])('at %s %j is a %d', async (path, body, status) =>
    expect((await problemIn(await api.post(path, body))).status).toBe(status),
  )
  it('is asking who one is without a token', async () => {
    const response = await fetch(`${api.url}/auth/me`)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect((await problemIn(response)).status).toBe(401)
  })
})
