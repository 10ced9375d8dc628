import { describe, expect, it } from 'vitest'
import { ann, bob } from '../domain/controls.ts'
import { byToken } from './byToken.ts'
import { factsOf, factsOfSocket } from './facts.ts'
import { isViewer } from './viewer.ts'
import type { RequestFacts, Viewer } from './viewer.ts'

/** Here a token is the id of whose it is. */
const people: Readonly<Record<string, Viewer>> = {
  ann: { id: ann, role: 'USER' },
  bob: { id: bob, role: 'USER' },
}
const authenticate = byToken({
  verify: (token) =>
    Promise.resolve(people[token] ?? { unauthenticated: 'It is not one of ours.', challenge: 'Bearer' }),
  whyOver: ({ id }) => Promise.resolve(id === bob ? 'You have signed out: sign in again.' : undefined),
  origin: 'https://shop.example',
})
const nobody = 'UNAUTHENTICATED'
const asks = async (facts: RequestFacts) => {
  const known = await authenticate(facts).catch((fault: { readonly code?: string }) => fault.code)
  if (typeof known !== 'object') return known
  return isViewer(known) ? known.id : nobody
}
const cookie = (token: string) => ({ cookie: `theme=dark; counterfoil_access=${token}; a=b` })

const ours = { origin: 'https://shop.example' }
const theirs = { origin: 'https://evil.example' }

describe('who is asking, by token', () => {
  it.each([
    ['of the header Authorization', { authorization: 'Bearer ann' }, ann],
    ['in whatever case it names its kind', { authorization: 'bearer ann' }, ann],
    ['of the cookie', { ...cookie('ann'), ...ours }, ann],
    [
      'of the header and never of the cookie',
      { authorization: 'Bearer ann', ...cookie('cy'), ...theirs },
      ann,
    ],
    [
      'of the header also where it is no good',
      { authorization: 'Bearer cy', ...cookie('ann'), ...ours },
      nobody,
    ],
    ['of no header of another kind', { authorization: 'Basic ann', ...cookie('ann'), ...ours }, nobody],
    ['of no header without a token', { authorization: 'Bearer' }, nobody],
    ['of no header with two', { authorization: 'Bearer ann, Bearer ann' }, nobody],
    [
      'of no cookie that is there twice',
      { cookie: 'counterfoil_access=ann; counterfoil_access=cy', ...ours },
      nobody,
    ],
    ['of no cookie of a similar name', { cookie: 'x_counterfoil_access=ann', ...ours }, nobody],
    ['never of X-User-ID', { 'x-user-id': ann, 'x-user-role': 'ADMIN' }, nobody],
    [
      'which X-User-ID adds nothing to',
      { authorization: 'Bearer ann', 'x-user-id': bob, 'x-user-role': 'ADMIN' },
      ann,
    ],
    ['that was not revoked', { authorization: 'Bearer bob' }, nobody],
  ])('%s', async (_, headers, answer) => expect(await asks(factsOf(headers, 'POST'))).toBe(answer))

  it('says what was wrong, and what would be right', async () => {
    expect(await authenticate(factsOf({}))).toEqual({
      unauthenticated: 'Say who you are: an access token is missing, as “Authorization: Bearer <token>”.',
      challenge: 'Bearer',
    })
    expect(await authenticate(factsOf({ authorization: 'Bearer bob' }))).toEqual({
      unauthenticated: 'You have signed out: sign in again.',
      challenge: 'Bearer error="invalid_token"',
    })
  })
})

describe('a cookie, which browsers add to whatever any page asks', () => {
  it.each([
    ['of a page of ours', 'POST', ours, ann],
    [
      'of a page of this very service',
      'POST',
      { origin: 'https://pay.example', 'sec-fetch-site': 'same-origin' },
      ann,
    ],
    ['of a page of another site', 'POST', theirs, 'FORBIDDEN'],
    [
      'of a page of a site with our name in it',
      'POST',
      { origin: 'https://shop.example.evil.example' },
      'FORBIDDEN',
    ],
    ['of a page of ours without encryption', 'POST', { origin: 'http://shop.example' }, 'FORBIDDEN'],
    ['of a page that hides where it is from', 'POST', { origin: 'null' }, 'FORBIDDEN'],
    ['of a page of a sibling site', 'POST', { 'sec-fetch-site': 'same-site' }, 'FORBIDDEN'],
    ['of nobody knows where', 'POST', {}, 'FORBIDDEN'],
    ['of nobody knows where, by any other method', 'DELETE', {}, 'FORBIDDEN'],
    [
      'of a page of another site that opens a WebSocket',
      'GET',
      { ...theirs, upgrade: 'websocket' },
      'FORBIDDEN',
    ],
    ['of a link, which changes nothing', 'GET', { 'sec-fetch-site': 'cross-site' }, ann],
    ['of a page of another site that changes nothing, and can’t read it', 'GET', theirs, ann],
  ])('counts, or does not, in a request %s', async (_, method, headers, answer) =>
    expect(await asks(factsOf({ ...cookie('ann'), ...headers }, method))).toBe(answer),
  )
  it('is harmless where it says nothing', async () =>
    expect(await asks(factsOf({ cookie: 'counterfoil_access=', ...theirs }, 'POST'))).toBe(nobody))
})

describe('who is asking over a WebSocket, by token', () => {
  it.each([
    ['of the upgrade request', { authorization: 'Bearer ann' }, {}, ann],
    ['of the connection parameters', theirs, { authorization: 'Bearer ann' }, ann],
    [
      'of the upgrade request and never of the parameters',
      { authorization: 'Bearer cy' },
      { authorization: 'Bearer ann' },
      nobody,
    ],
    ['of the cookie, on a page of ours', { ...cookie('ann'), ...ours }, {}, ann],
    ['of the cookie, on no other page', { ...cookie('ann'), ...theirs }, {}, 'FORBIDDEN'],
    [
      'of the parameters rather than of the cookie',
      { ...cookie('cy'), ...theirs },
      { Authorization: 'Bearer ann' },
      ann,
    ],
    ['which a page can’t choose by its parameters', theirs, cookie('ann'), nobody],
    [
      'from where a page can’t say by its parameters',
      { ...cookie('ann'), ...theirs },
      { ...ours, ':method': 'GET' },
      'FORBIDDEN',
    ],
    [
      'or by saying that it is ours',
      { ...cookie('ann'), ...theirs },
      { 'sec-fetch-site': 'same-origin' },
      'FORBIDDEN',
    ],
    ['of parameters that are text', {}, { authorization: ['Bearer ann'] }, nobody],
  ])('%s', async (_, headers, params, answer) =>
    expect(await asks(factsOfSocket(headers, params))).toBe(answer),
  )
})
