import { fastify } from 'fastify'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { CryptoKey } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Unavailable } from '../eventstore/faults.ts'
import { googleSignIn } from './google.ts'
import { IssuerMisconfigured } from './issuerFaults.ts'

/** A token's claims, with those that are left out. */
type Claims = Readonly<Record<string, unknown>>

/** An issuer that says whatever a test wants it to: over HTTP, as any other. */
const startIssuer = async () => {
  const http = fastify()
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const stranger = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'ours', alg: 'RS256', use: 'sig' }
  const asked: Record<string, string>[] = []
  let answer = (): Promise<object> => Promise.reject(new Error('nothing to say'))
  let status = 200

  http.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  http.get('/.well-known/openid-configuration', () => ({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/jwks`,
  }))
  http.get('/jwks', () => ({ keys: [jwk] }))
  http.post('/token', async ({ body }, reply) => {
    asked.push(z.record(z.string(), z.string()).parse(body))
    void reply.code(status)
    return answer()
  })
  const url = await http.listen({ host: '127.0.0.1', port: 0 })
  const signed = (claims: Claims, key: CryptoKey = privateKey, kid = 'ours') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
  return {
    url,
    asked,
    signed,
    byStranger: (claims: Claims) => signed(claims, stranger.privateKey),
    byUnknownKey: (claims: Claims) => signed(claims, stranger.privateKey, 'theirs'),
    answers: (idToken: () => Promise<string> | string) => {
      status = 200
      answer = async () => ({ access_token: 'opaque', token_type: 'Bearer', id_token: await idToken() })
    },
    fails: (code: number, body: object) => {
      status = code
      answer = () => Promise.resolve(body)
    },
    stop: () => http.close(),
  }
}

describe('what an issuer says of somebody', () => {
  let issuer: Awaited<ReturnType<typeof startIssuer>>
  beforeAll(async () => {
    issuer = await startIssuer()
  })
  afterAll(() => issuer.stop())
  beforeEach(() => void issuer.asked.splice(0))

  const google = () =>
    googleSignIn({
      issuer: issuer.url,
      clientId: 'shop',
      clientSecret: 'the-secret-of-the-shop',
      redirectUri: 'https://shop.example/auth/google/callback',
      clock: () => 0,
    })

  /** A sign-in whose ID token says what it should, but for the given changes. */
  const signInWith = async (
    changes: Claims = {},
    sign: (claims: Claims) => Promise<string> | string = issuer.signed,
    query: Readonly<Record<string, string>> = {},
  ) => {
    const client = google()
    const { url, attempt } = await client.begin()
    const now = Math.floor(Date.now() / 1_000)
    const claims = {
      iss: issuer.url,
      aud: 'shop',
      sub: '12345',
      email: 'Ann@People.example',
      email_verified: true,
      name: 'Ann',
      picture: 'https://people.example/ann.png',
      locale: 'en-GB',
      nonce: attempt.nonce,
      iat: now,
      exp: now + 3_600,
      ...changes,
    }
    issuer.answers(() => sign(claims))
    const answered = new URLSearchParams({ code: 'the-code', state: attempt.state, ...query })
    return { url, attempt, person: client.finish(`?${answered}`, attempt) }
  }

  it('is asked for by code, with PKCE, state and nonce', async () => {
    const { url, attempt, person } = await signInWith()
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'shop',
      redirect_uri: 'https://shop.example/auth/google/callback',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      state: attempt.state,
      nonce: attempt.nonce,
    })
    expect(await person).toEqual({
      issuer: issuer.url,
      subject: '12345',
      email: 'ann@people.example',
      name: 'Ann',
      picture: 'https://people.example/ann.png',
      language: 'en-GB',
    })
    expect(issuer.asked).toMatchObject([{ code: 'the-code', code_verifier: attempt.verifier }])
  })

  it('need be no more than an address', async () => {
    const { person } = await signInWith({ name: '  ', picture: 'javascript:alert(1)', locale: undefined })
    expect(await person).toMatchObject({ name: undefined, picture: undefined, language: undefined })
  })

  it.each<[string, Claims, string]>([
    ['is for another shop', { aud: 'another' }, 'NOT_VALID'],
    ['is of another issuer', { iss: 'https://evil.example' }, 'NOT_VALID'],
    ['belongs to another sign-in', { nonce: 'another' }, 'NOT_VALID'],
    ['belongs to no sign-in', { nonce: undefined }, 'NOT_VALID'],
    ['has expired', { exp: Math.floor(Date.now() / 1_000) - 60 }, 'NOT_VALID'],
    ['never expires', { exp: undefined }, 'NOT_VALID'],
    ['is of nobody', { sub: undefined }, 'NOT_VALID'],
    ['has an address that is none', { email: 'ann' }, 'NOT_VALID'],
    ['has no address', { email: undefined }, 'NO_EMAIL'],
    ['has an address that anybody may have typed in', { email_verified: false }, 'EMAIL_NOT_VERIFIED'],
    ['does not say whose address it is', { email_verified: undefined }, 'EMAIL_NOT_VERIFIED'],
    ['says in a string that the address is verified', { email_verified: 'true' }, 'NOT_VALID'],
  ])('signs nobody in when it %s', async (_, changes, reason) => {
    const { person } = await signInWith(changes)
    await expect(person).rejects.toMatchObject({ name: 'SignInRefused', reason })
  })

  it.each([
    ['by somebody else’s key under the issuer’s name', () => issuer.byStranger],
    ['by a key that the issuer does not publish', () => issuer.byUnknownKey],
    ['by nobody', () => (claims: Claims) => new UnsecuredJWT(claims).encode()],
    [
      'by our own secret',
      () => (claims: Claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode('the-secret-of-the-shop-that-is-long-enough')),
    ],
    ['at all', () => () => 'no.token.whatever'],
  ])('signs nobody in when it is signed %s', async (_, sign) => {
    const { person } = await signInWith({}, sign())
    await expect(person).rejects.toMatchObject({ name: 'SignInRefused', reason: 'NOT_VALID' })
  })

  it('is not asked for with another sign-in’s state', async () => {
    const { person } = await signInWith({}, issuer.signed, { state: 'another' })
    await expect(person).rejects.toMatchObject({ reason: 'NOT_VALID' })
    expect(issuer.asked).toEqual([])
  })

  it('may be that they would rather not', async () => {
    const { person } = await signInWith({}, issuer.signed, { error: 'access_denied' })
    await expect(person).rejects.toMatchObject({ reason: 'DECLINED', statusCode: 403 })
  })

  it.each([
    [400, { error: 'invalid_grant' }, { reason: 'NOT_VALID' }],
    [503, { error: 'temporarily_unavailable' }, { name: 'Unavailable' }],
    [502, {}, { name: 'Unavailable' }],
    [401, { error: 'invalid_client' }, { name: 'IssuerMisconfigured' }],
  ])('may be a %d %j', async (status, body, expected) => {
    const client = google()
    const { attempt } = await client.begin()
    issuer.fails(status, body)
    const query = new URLSearchParams({ code: 'the-code', state: attempt.state })
    await expect(client.finish(`?${query}`, attempt)).rejects.toMatchObject(expected)
  })

  it('never gets into what is logged of a fault', async () => {
    const { person } = await signInWith({ aud: 'another' })
    const fault: unknown = await person.catch((fault: unknown) => fault)
    expect(fault).toBeInstanceOf(Error)
    if (fault instanceof Error) expect(fault.cause).toBeUndefined()
    const client = google()
    const { attempt } = await client.begin()
    issuer.fails(401, { error: 'invalid_client', error_description: 'the-code' })
    const again: unknown = await client
      .finish(`?${new URLSearchParams({ code: 'the-code', state: attempt.state })}`, attempt)
      .catch((fault: unknown) => fault)
    expect(again).toBeInstanceOf(IssuerMisconfigured)
    expect(JSON.stringify(again, Object.getOwnPropertyNames(again))).not.toContain('the-code')
  })
})

describe('an issuer that is away', () => {
  it('is no reason not to start, and is asked again when somebody signs in', async () => {
    const issuer = await startIssuer()
    await issuer.stop()
    const google = googleSignIn({
      issuer: issuer.url,
      clientId: 'shop',
      clientSecret: 'secret',
      redirectUri: 'https://shop.example/auth/google/callback',
      clock: () => 0,
    })
    await expect(google.begin()).rejects.toThrow(Unavailable)
  })
})
