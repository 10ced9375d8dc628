import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { IdentityNode } from './node.ts'
import { people } from './people.ts'

let node: IdentityNode
beforeAll(async () => {
  const redirectUris = ['http://127.0.0.1/back']
  node = await IdentityNode.start({ client: { id: 'shop', secret: 'secret', redirectUris } })
})
afterAll(() => node.stop())

const go = (url: string, init: RequestInit = {}) =>
  fetch(new URL(url, node.issuer), { ...init, redirect: 'manual' })
const begin = (changes: Readonly<Record<string, string>> = {}) => {
  const query = new URLSearchParams({
    client_id: 'shop',
    redirect_uri: 'http://127.0.0.1:4321/back',
    response_type: 'code',
    scope: 'openid email profile',
    state: 'the-state',
    ...changes,
  })
  return go(`/auth?${query}`)
}
const chooser = async () => {
  const begun = await begin()
  return {
    path: begun.headers.get('location') ?? '',
    cookie: begun.headers
      .getSetCookie()
      .map((set) => set.slice(0, set.indexOf(';')))
      .join('; '),
  }
}
const keys = async () => {
  const answer: unknown = await (await go('/jwks')).json()
  return z
    .object({ keys: z.array(z.object({ kid: z.string(), alg: z.literal('RS256') })) })
    .parse(answer)
    .keys.map(({ kid }) => kid)
}

describe('the page on which one chooses who to be', () => {
  it('shows everybody, and works without scripts', async () => {
    const { path, cookie } = await chooser()
    const page = await (await go(path, { headers: { cookie } })).text()
    for (const { name, email } of people) {
      expect(page).toContain(name)
      expect(page).toContain(email)
    }
    expect(page).not.toContain('<script')
  })

  it('has a picture of each', async () => {
    for (const { sub } of people) {
      const picture = await go(`/pictures/${sub}.svg`)
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
    }
    expect((await go('/pictures/nobody.svg')).status).toBe(404)
  })

  it('is of the browser that came for it', async () => {
    const { path } = await chooser()
    const page = await go(path)
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('begin again')
  })

  it('reads forms of a reasonable size', async () => {
    const { path, cookie } = await chooser()
    const body = new URLSearchParams({ sub: 'x'.repeat(5_000) })
    expect((await go(path, { method: 'POST', headers: { cookie }, body })).status).toBe(400)
  })
})

it('nobody is sent to an address that the client did not name', async () => {
  expect((await begin({ redirect_uri: 'https://evil.example/back' })).status).toBe(400)
  expect((await begin({ redirect_uri: 'http://127.0.0.1:4321/elsewhere' })).status).toBe(400)
})

it('keys change on request; the last one is published for a while', async () => {
  const [first] = await keys()
  expect((await go('/control/rotate-keys', { method: 'POST' })).status).toBe(204)
  const [second, former, ...more] = await keys()
  expect([former, more]).toEqual([first, []])
  await node.rotateKeys()
  expect(await keys()).toEqual([expect.not.stringMatching(String(second)), second])
})
