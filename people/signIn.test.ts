import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { openBrowser } from './browserUnderTest.ts'
import { identity, startIdentity } from '../tests/startIdentity.ts'
import { newSigningKey, problemIn, startPeopleServers, tokensIn } from './peopleUnderTest.ts'

let servers: Awaited<ReturnType<typeof startPeopleServers>>
let api: Awaited<ReturnType<typeof servers.serve>>
beforeAll(async () => {
  servers = await startPeopleServers()
  api = await servers.serve({ env: { ADMIN_EMAIL: identity(0).email } })
})
afterAll(() => servers.stop())

const [admin, customer, unverified] = [identity(0), identity(1), identity(3)]
const SIGNIN = 'counterfoil_signin'

const kinds = async (id: string) => {
  const events = servers.client.readStream(`user-${id}`)
  const found: string[] = []
  for await (const { event } of events) found.push(event?.type ?? '')
  return found
}

describe('signing in with a browser', () => {
  it('ends where one wanted to go, with cookies that no script can read', async () => {
    const browser = openBrowser()
    const callback = await api.comeBack(browser, customer.sub, '?return_to=/orders%3Fstatus=PAID')
    expect(browser.setAs(SIGNIN)).toMatch(/; Max-Age=600; Path=\/auth\/google; HttpOnly; SameSite=Lax$/)
    const response = await browser.go(callback)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/orders?status=PAID')
    expect(browser.setAs('counterfoil_access')).toMatch(/; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(browser.setAs('counterfoil_refresh')).toMatch(
      /; Max-Age=2592000; Path=\/auth; HttpOnly; SameSite=Strict$/,
    )
    expect(browser.cookie(SIGNIN)).toBeUndefined()
    const me = await browser.go(`${api.url}/auth/me`)
    expect(await me.json()).toMatchObject({
      role: 'USER',
      name: customer.name,
      email: customer.email,
      language: customer.locale,
      picture: `${servers.issuer.issuer}/pictures/${customer.sub}.svg`,
    })
  })

  it('marks cookies as secure where people come by https', async () => {
    const https = await servers.serve({ env: { PUBLIC_URL: 'https://shop.example' } })
    const browser = openBrowser()
    await browser.go(`${https.url}/auth/google?return_to=/`)
    expect(browser.setAs(SIGNIN)).toMatch(/; HttpOnly; Secure; SameSite=Lax$/)
    await https.stop()
  })
})

describe('signing in without a place to return to', () => {
  it('is answered with tokens, as OAuth has them, and nobody keeps the answer', async () => {
    const browser = openBrowser()
    const response = await browser.go(await api.comeBack(browser, customer.sub))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { access_token } = await tokensIn(response)
    expect(await api.me(access_token)).toMatchObject({ status: 200, role: 'USER', name: customer.name })
    expect(browser.cookie('counterfoil_access')).toBeUndefined()
  })
})

describe('somebody', () => {
  it('is the same user whenever they come back', async () => {
    const [first, second] = [await api.signIn(2), await api.signIn(2)]
    const { id } = await api.me(first.access_token)
    expect(await api.me(second.access_token)).toMatchObject({ id })
    expect(await kinds(String(id))).toEqual(['UserRegistered', 'SessionStarted', 'SessionStarted'])
  })

  it('who comes for the first time twice at once is one user', async () => {
    const fresh = await startPeopleServers()
    const shop = await fresh.serve()
    const tokens = await Promise.all(Array.from({ length: 6 }, () => shop.signIn(1)))
    const who = await Promise.all(tokens.map(({ access_token }) => shop.me(access_token)))
    expect(new Set(who.map(({ id }) => id)).size).toBe(1)
    expect(await fresh.profiles.newest(10)).toHaveLength(1)
    await fresh.stop()
  })

  it('whose profile was written, and whose registration was not, is registered the next time', async () => {
    const person = { issuer: servers.issuer.issuer, subject: admin.sub, email: admin.email }
    const id = UserId.parse(crypto.randomUUID())
    await servers.profiles.of(person, id, new Date())
    const { access_token } = await api.signIn(0)
    expect(await api.me(access_token)).toMatchObject({ id })
    expect(await kinds(id)).toEqual(['UserRegistered', 'SessionStarted'])
  })

  it('whom the settings name is an admin', async () => {
    const { access_token } = await api.signIn(0)
    expect(await api.me(access_token)).toMatchObject({ role: 'ADMIN' })
  })

  it('leaves no name and no address in the log of events', async () => {
    const { access_token } = await api.signIn(1)
    const { id } = await api.me(access_token)
    const told: unknown[] = []
    for await (const { event } of servers.client.readStream(`user-${String(id)}`))
      told.push(event?.data, event?.metadata)
    expect(JSON.stringify(told)).not.toMatch(/ben|okafor|people\.example|127\.0\.0\.1|node/i)
    const [device] = await servers.devices.of(UserId.parse(id))
    expect(device).toMatchObject({ address: '127.0.0.1', device: 'node' })
  })
})

describe('nobody signs in', () => {
  const refusal = async (response: Response, status: number, words: RegExp) => {
    expect(response.headers.getSetCookie().join()).not.toMatch(/counterfoil_(access|refresh)=[^;]/)
    const problem = await problemIn(response)
    expect(problem.status).toBe(status)
    expect(problem.detail).toMatch(words)
  }

  it('with an address that is not shown to be theirs', async () => {
    const browser = openBrowser()
    const response = await browser.go(await api.comeBack(browser, unverified.sub, '?return_to=/'))
    await refusal(response, 403, /not verified/)
    expect(await servers.profiles.withEmail(unverified.email)).toEqual([])
  })

  it('who chose nobody', async () => {
    const browser = openBrowser()
    await refusal(await browser.go(await api.comeBack(browser)), 403, /did not sign in/)
  })

  it('by a link that somebody else made: the attempt of another browser', async () => {
    const callback = await api.comeBack(openBrowser(), customer.sub, '?return_to=/')
    const victim = openBrowser()
    await refusal(await victim.go(callback), 400, /not begun in this browser/)
    await api.comeBack(victim, customer.sub, '?return_to=/')
    await refusal(await victim.go(callback), 400, /does not hold/)
  })

  it('with a code a second time, though everything else is the same', async () => {
    const browser = openBrowser()
    const callback = await api.comeBack(browser, customer.sub, '?return_to=/')
    const sealed = browser.cookie(SIGNIN) ?? ''
    expect((await browser.go(callback)).status).toBe(303)
    await refusal(await browser.go(callback), 400, /not begun in this browser/)
    browser.forge(SIGNIN, sealed)
    await refusal(await browser.go(callback), 400, /does not hold/)
  })

  it.each<[string, (callback: URL) => unknown]>([
    ['another state', ({ searchParams }) => searchParams.set('state', 'another')],
    ['no state', ({ searchParams }) => searchParams.delete('state')],
    ['two states', ({ searchParams }) => searchParams.append('state', 'another')],
    ['another code', ({ searchParams }) => searchParams.set('code', 'another')],
    ['no code', ({ searchParams }) => searchParams.delete('code')],
    ['another issuer', ({ searchParams }) => searchParams.set('iss', 'https://evil.example')],
  ])('with %s than they set out with', async (_, change) => {
    const browser = openBrowser()
    const callback = new URL(await api.comeBack(browser, customer.sub, '?return_to=/'))
    change(callback)
    await refusal(await browser.go(callback.href), 400, /does not hold/)
  })

  it('with the code of one attempt and the verifier of another', async () => {
    const [mine, theirs] = [openBrowser(), openBrowser()]
    const callback = new URL(await api.comeBack(mine, customer.sub, '?return_to=/'))
    const stolen = new URL(await api.comeBack(theirs, admin.sub, '?return_to=/'))
    callback.searchParams.set('code', stolen.searchParams.get('code') ?? '')
    await refusal(await mine.go(callback.href), 400, /does not hold/)
  })

  it('with a cookie that was changed, made up, or sealed by a key that is not ours', async () => {
    const other = await servers.serve({ keys: [newSigningKey('first')] })
    const browser = openBrowser()
    const callback = await api.comeBack(browser, customer.sub, '?return_to=/')
    const sealed = browser.cookie(SIGNIN) ?? ''
    const elsewhere = openBrowser()
    await elsewhere.go(`${other.url}/auth/google?return_to=/`)
    const flipped = sealed.slice(0, -6) + (sealed.at(-6) === 'A' ? 'B' : 'A') + sealed.slice(-5)
    for (const value of [flipped, 'made up', 'e30.e30.e30.e30.e30', elsewhere.cookie(SIGNIN) ?? '']) {
      browser.forge(SIGNIN, value)
      await refusal(await browser.go(callback), 400, /not begun in this browser/)
    }
    await other.stop()
  })

  it('after too long', async () => {
    const browser = openBrowser()
    const callback = await api.comeBack(browser, customer.sub, '?return_to=/')
    servers.later(1)
    await refusal(await browser.go(callback), 400, /too long ago/)
    servers.later(-1)
  })

  it.each([
    '//evil.example',
    String.raw`/\evil.example`,
    'https://evil.example',
    '/%2fevil.example',
    'orders',
  ])('and goes to %s', async (place) => {
    const browser = openBrowser()
    const response = await browser.go(`${api.url}/auth/google?return_to=${encodeURIComponent(place)}`)
    await refusal(response, 400, /return_to/)
    expect(browser.cookie(SIGNIN)).toBeUndefined()
  })

  it('by looking at a link only', async () => {
    const browser = openBrowser()
    const callback = await api.comeBack(browser, customer.sub, '?return_to=/')
    expect((await browser.go(callback, { method: 'HEAD' })).status).toBe(404)
    expect((await browser.go(callback)).status).toBe(303)
  })

  it('too often from one address', async () => {
    const busy = await servers.serve({ perSecond: 2 })
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await openBrowser().go(`${busy.url}/auth/google`)).status),
    )
    expect(statuses).toContain(302)
    expect(statuses).toContain(429)
    await busy.stop()
  })
})

describe('keys that change', () => {
  it('of the issuer: those who sign in after it are let in, and those who were about to', async () => {
    await api.signIn(1)
    const browser = openBrowser()
    const callback = await api.comeBack(browser, customer.sub, '?return_to=/')
    const rotated = await fetch(`${servers.issuer.issuer}/control/rotate-keys`, { method: 'POST' })
    expect(rotated.status).toBe(204)
    expect((await browser.go(callback)).status).toBe(303)
    await api.signIn(1)
  })

  it('of ours: tokens of the former one, and sign-ins that were begun with it, still hold', async () => {
    const [former, next] = [newSigningKey('former'), newSigningKey('next')]
    const env = { PUBLIC_URL: 'http://127.0.0.1:1' }
    const before = await servers.serve({ keys: [former], env })
    const browser = openBrowser()
    await browser.go(`${before.url}/auth/google?return_to=/`)
    const sealed = browser.cookie(SIGNIN)
    const after = await servers.serve({ keys: [next, former], env })
    const jwks = await fetch(`${after.url}/.well-known/jwks.json`)
    const { keys } = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }).parse(await jwks.json())
    expect(keys.map(({ kid }) => kid)).toEqual(['next', 'former'])
    expect(keys.every((key) => !('d' in key))).toBe(true)
    expect(sealed).toBeDefined()
    // It is opened, and so gets as far as asking what the issuer answered.
    const answered = await browser.go(`${after.url}/auth/google/callback?state=x`)
    expect((await problemIn(answered)).detail).toMatch(/does not hold/)
    await before.stop()
    await after.stop()
  })
})

describe('the log', () => {
  it('tells what goes wrong with signing in, and no code, no token, and nobody’s name', async () => {
    const lost = await startIdentity()
    const shop = await servers.serve({ env: { ...lost.env, GOOGLE_CLIENT_SECRET: 'another' } })
    const browser = openBrowser()
    const wrongSecret = await shop.comeBack(browser, customer.sub, '?return_to=/')
    expect((await problemIn(await browser.go(wrongSecret))).status).toBe(500)
    const nobodyThere = await shop.comeBack(browser, customer.sub, '?return_to=/')
    await lost.stop()
    expect((await problemIn(await browser.go(nobodyThere))).status).toBe(503)

    const { access_token, refresh_token } = await api.signIn(1)
    await api.refresh(refresh_token)
    expect(shop.logged()).toMatch(/IssuerMisconfigured.*401 invalid_client/)
    expect(shop.logged()).toMatch(/the issuer cannot be reached/)
    expect(shop.logged()).toContain('/auth/google/callback')
    const secrets = [wrongSecret, nobodyThere].flatMap((url) => {
      const { searchParams } = new URL(url)
      return [searchParams.get('code') ?? url, searchParams.get('state') ?? url]
    })
    for (const secret of [...secrets, access_token, refresh_token, customer.email, 'another', 'verifier'])
      expect(shop.logged() + api.logged()).not.toContain(secret)
    await shop.stop()
  })
})

describe('an issuer that is away', () => {
  it('is not known to be until somebody signs in, who is told to try again', async () => {
    const alone = await servers.serve({ env: { GOOGLE_ISSUER: 'http://127.0.0.1:1' } })
    const response = await openBrowser().go(`${alone.url}/auth/google`)
    expect(response.headers.get('retry-after')).toBe('1')
    expect((await problemIn(response)).status).toBe(503)
    await alone.stop()
  })
})

it('somebody who is erased while their profile still leads there comes back as somebody new', async () => {
  const { access_token } = await api.signIn(2)
  const id = UserId.parse((await api.me(access_token)).id)
  const profile = await servers.profiles.find(id)
  await servers.erase(id, begin(crypto.randomUUID(), 'test'))
  // As if the erasing had died after its event.
  await servers.db.collection<{ _id: string }>('profiles').insertOne({ ...profile, _id: id })
  const again = await api.signIn(2)
  const me = await api.me(again.access_token)
  expect(me.id).not.toBe(id)
  expect(me).toMatchObject({ status: 200, role: 'USER' })
  expect(await servers.profiles.find(id)).toBeUndefined()
})
