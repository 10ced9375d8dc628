import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ann, noon } from '../domain/controls.ts'
import { secondsAfterNoon, sessionId } from './controls.ts'
import { firstToken, nextToken, parseRefreshToken } from './refreshToken.ts'
import { SigningKeysText, signingKeysOf } from './signingKeys.ts'
import { ACCESS_TOKEN_LIFETIME, ACCESS_TOKEN_TYPE, accessTokens, AUDIENCE } from './tokens.ts'

const key = (curve = 'P-256') => generateKeyPairSync('ec', { namedCurve: curve }).privateKey
const jwkOf = (kid?: string) => ({ ...key().export({ format: 'jwk' }), ...(kid ? { kid } : {}) })
const pemOf = (curve?: string) => key(curve).export({ format: 'pem', type: 'pkcs8' }).toString()
const keysIn = async (text: string) => signingKeysOf(SigningKeysText.parse(text))
const issuer = 'https://shop.example'
const issuing = async (text: string) =>
  accessTokens({ keys: await keysIn(text), issuer, now: () => noon, newId: randomUUID })
const who = { userId: ann, role: 'ADMIN', sessionId: sessionId(1) } as const

describe('an access token', () => {
  it('says who somebody is, for a quarter of an hour', async () => {
    const tokens = await issuing(JSON.stringify(jwkOf('one')))
    const token = await tokens.issue(who)
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(tokens.jwks()), {
      issuer,
      audience: AUDIENCE,
      typ: ACCESS_TOKEN_TYPE,
      currentDate: secondsAfterNoon(ACCESS_TOKEN_LIFETIME - 1),
    })
    const iat = noon.getTime() / 1_000
    const { jti, ...claims } = payload
    expect(jti).toMatch(/^[0-9a-f-]{36}$/)
    expect(claims).toEqual({
      iss: issuer,
      aud: 'counterfoil',
      sub: ann,
      role: 'ADMIN',
      sid: sessionId(1),
      iat,
      exp: iat + 900,
    })
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'one' })
  })

  it('of a former key is good while that is still published, and not after', async () => {
    const [former, next] = [jwkOf('former'), jwkOf('next')]
    const token = await (await issuing(JSON.stringify(former))).issue(who)
    const verifyBy = async (...keys: object[]) =>
      jwtVerify(token, createLocalJWKSet((await issuing(JSON.stringify(keys))).jwks()), { currentDate: noon })
    await expect(verifyBy(next, former)).resolves.toMatchObject({ payload: { sub: ann } })
    await expect(verifyBy(next)).rejects.toThrow(/no applicable key/)
    const later = await (await issuing(JSON.stringify([next, former]))).issue(who)
    expect(decodeProtectedHeader(later).kid).toBe('next')
  })
})

describe('signing keys', () => {
  it.each([
    ['a JWK', () => JSON.stringify(jwkOf()), 1],
    ['an array of JWKs', () => JSON.stringify([jwkOf(), jwkOf()]), 2],
    ['a JWK set', () => JSON.stringify({ keys: [jwkOf()] }), 1],
    ['PEM blocks', () => pemOf() + pemOf(), 2],
    ['PEM in one line', () => pemOf().replaceAll('\n', String.raw`\n`), 1],
  ])('are read from %s', async (_, text, count) => {
    const tokens = await issuing(text())
    expect(tokens.jwks().keys).toHaveLength(count)
    expect(JSON.stringify(tokens.jwks())).not.toContain('"d"')
  })
  it.each([
    ['nothing', ''],
    ['no key', '[]'],
    ['a public key', JSON.stringify({ ...jwkOf(), d: undefined })],
    ['another curve', pemOf('P-384')],
    ['half a key', pemOf().slice(0, 90)],
    ['a key that is none', JSON.stringify({ ...jwkOf(), x: 'AAAA' })],
  ])('can’t be %s, and the mistake tells no secret', (_, text) => {
    const parsed = SigningKeysText.safeParse(text)
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      'must be private keys on P-256: JWKs or PEM, the first one signs',
    ])
  })
  it('are told apart by their thumbprints', async () => {
    const text = JSON.stringify(jwkOf())
    const [[once], [again]] = [await keysIn(text), await keysIn(text)]
    expect(once.kid).toBe(again.kid)
    expect(once.kid).toMatch(/^[\w-]{43}$/)
  })
})

describe('a refresh token', () => {
  const first = firstToken(ann, sessionId(1), randomBytes)
  it('says whose session it is of', () => expect(parseRefreshToken(first.text)).toEqual(first))
  it('shares with the next one what only they know', () => {
    const next = nextToken(first, randomBytes)
    expect(parseRefreshToken(next.text)).toEqual(next)
    expect(next).toMatchObject({ userId: ann, sessionId: sessionId(1), familyHash: first.familyHash })
    expect(next.hash).not.toBe(first.hash)
  })
  it('shares nothing with another session’s', () =>
    expect(firstToken(ann, sessionId(1), randomBytes).familyHash).not.toBe(first.familyHash))
  it.each([
    ['nothing', ''],
    ['an access token', 'eyJhbGciOiJFUzI1NiJ9.e30.AA'],
    ['a part of one', first.text.slice(0, -1)],
    ['one with something behind it', `${first.text}A`],
    ['another spelling of one', `${first.text}=`],
    ['bytes that are no ids', `cfr_${Buffer.alloc(80, 0x77).toString('base64url')}`],
  ])('is not %s', (_, text) => expect(parseRefreshToken(text)).toBeUndefined())
})
