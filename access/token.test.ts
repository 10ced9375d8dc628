import fc from 'fast-check'
import { createLocalJWKSet, exportSPKI, importJWK, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { ann, noon } from '../domain/controls.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { secondsAfterNoon, sessionId } from '../people/controls.ts'
import { verifierOf } from './token.ts'
import { claimsAt, ISSUER, secondsOf, signed, signerOf } from './tokenControls.ts'
import type { Signer } from './tokenControls.ts'
import { isViewer } from './viewer.ts'

let ours: Signer
let another: Signer
beforeAll(async () => {
  ours = await signerOf('2026')
  another = await signerOf('2026')
})

/** Who a token says that they are, so many seconds after it was issued. */
const verified = (token: string, seconds = 0, keys = [ours.jwk]) =>
  verifierOf({
    keys: createLocalJWKSet({ keys }),
    issuer: ISSUER,
    now: () => secondsAfterNoon(seconds),
  })(token)

const good = claimsAt(noon)
const without = (claim: keyof typeof good) =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== claim))

describe('a token of ours', () => {
  it('says who is asking, in which session, and until when', async () =>
    expect(await verified(await signed(ours, good))).toEqual({
      id: ann,
      role: 'USER',
      session: { id: sessionId(1), expiresAt: secondsAfterNoon(902) },
    }))
  it('counts until it expires, give or take two seconds of clocks apart', async () => {
    const token = await signed(ours, good)
    expect(isViewer(await verified(token, -2))).toBe(true)
    expect(isViewer(await verified(token, 901))).toBe(true)
    expect(await verified(token, 902)).toMatchObject({
      unauthenticated: 'The access token has expired: get a new one.',
    })
  })
  it('counts no longer than a token may, whatever it says', async () => {
    const token = await signed(ours, { ...good, exp: secondsOf(noon) + 86_400 })
    expect(await verified(token, 900)).toMatchObject({ session: { expiresAt: secondsAfterNoon(902) } })
    expect(isViewer(await verified(token, 903))).toBe(false)
  })
  it('counts with the former key and with the next one', async () => {
    const next = await signerOf('2027')
    const keys = [next.jwk, ours.jwk]
    expect(isViewer(await verified(await signed(ours, good), 0, keys))).toBe(true)
    expect(isViewer(await verified(await signed(next, good), 0, keys))).toBe(true)
  })
})

/** A token whose parts are as they are given; nobody signs such. */
const assembled = (header: object, claims: object, signature = '') =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
  `.${signature}`

const forged: Readonly<Record<string, () => string | Promise<string>>> = {
  'without a signature (alg: none)': () => new UnsecuredJWT(good).encode(),
  'without a signature, of the right type': () =>
    assembled({ alg: 'none', typ: 'at+jwt', kid: '2026' }, good),
  'that is signed with the published key as a password (HS256)': async () => {
    const key = await importJWK(ours.jwk, 'ES256', { extractable: true })
    if (key instanceof Uint8Array) throw new Error('a public key is no password')
    return signed(ours, good, { alg: 'HS256' }, Buffer.from(await exportSPKI(key)))
  },
  'of another key with the same id': () => signed(another, good),
  'of a key that nobody knows': () => signed(another, good, { kid: '1999' }),
  'that brings its own key along': () => signed(another, good, { jwk: another.jwk }),
  'that says where its key is': () => signed(another, good, { jku: 'https://evil.example/jwks.json' }),
  'with a header that must be understood': async () => {
    const [, claims, signature] = (await signed(ours, good)).split('.')
    const header = { alg: 'ES256', typ: 'at+jwt', kid: '2026', crit: ['b64'], b64: false }
    return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${claims}.${signature}`
  },
  'whose claims were changed': async () => {
    const [header, , signature] = (await signed(ours, good)).split('.')
    const admin = Buffer.from(JSON.stringify({ ...good, role: 'ADMIN' })).toString('base64url')
    return `${header}.${admin}.${signature}`
  },
  'that is not valid yet': () => signed(ours, { ...good, nbf: secondsOf(noon) + 60 }),
  'from the future': () => signed(ours, { ...good, iat: secondsOf(noon) + 60 }),
  'that has expired': () => signed(ours, { ...good, exp: secondsOf(noon) - 60 }),
  'for somebody else': () => signed(ours, { ...good, aud: 'another' }),
  'of another issuer': () => signed(ours, { ...good, iss: 'https://evil.example' }),
  'of another kind (an identity token)': () => signed(ours, good, { typ: 'JWT' }),
  'that says nothing of its kind': () => assembled({ alg: 'ES256', kid: '2026' }, good, 'AAAA'),
  'with a role that is none': () => signed(ours, { ...good, role: 'ROOT' }),
  'with several roles': () => signed(ours, { ...good, role: ['ADMIN'] }),
  'whose subject is no user': () => signed(ours, { ...good, sub: 'ann' }),
  'whose end is no time': () => signed(ours, { ...good, exp: '2999' }),
  'that was cut off': async () => (await signed(ours, good)).slice(0, -20),
  'that is huge': () => signed(ours, { ...good, padding: 'x'.repeat(10_000) }),
  'that is no token': () => 'not.a.token',
  ...Object.fromEntries(
    (['iss', 'aud', 'sub', 'role', 'sid', 'jti', 'iat', 'exp'] as const).map((claim) => [
      `without ${claim}`,
      () => signed(ours, without(claim)),
    ]),
  ),
}

describe('nobody is let in by a token', () => {
  it.each(Object.entries(forged))('%s', async (_, forge) => {
    const token = await forge()
    const answer = await verified(token)
    if (isViewer(answer)) throw new Error(`${answer.id} was let in`)
    expect(answer.unauthenticated).toMatch(/^The access token (is|has|does) /)
    expect(answer.challenge).toBe('Bearer error="invalid_token"')
    expect(JSON.stringify(answer)).not.toContain(token.slice(0, 20))
  })

  it('of any other text, and no text makes it fail', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(isViewer(await verified(text))).toBe(false)
      }),
      { numRuns: 200 },
    ))

  it('of which any one character was changed', async () => {
    const token = await signed(ours, good)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'w', '9', '_', '.'),
        async (place, other) => {
          // The last character of a signature has bits to spare: only what changes a byte is a change.
          const changed = token.slice(0, place) + other + token.slice(place + 1)
          const bytes = (text: string) =>
            text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))
          fc.pre(bytes(changed).join('.') !== bytes(token).join('.'))
          expect(isViewer(await verified(changed))).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })
})

it('when the keys can’t be had, that is not the token’s fault', async () => {
  const verify = verifierOf({
    keys: () => Promise.reject(new TypeError('fetch failed')),
    issuer: ISSUER,
    now: () => noon,
  })
  await expect(verify(await signed(ours, good))).rejects.toBeInstanceOf(Unavailable)
})
