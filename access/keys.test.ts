import { fastify } from 'fastify'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Unavailable } from '../eventstore/faults.ts'
import { keysAt } from './keys.ts'
import { verifierOf } from './token.ts'
import type { Verify } from './token.ts'
import { claimsAt, ISSUER, signed, signerOf } from './tokenControls.ts'
import type { Signer } from './tokenControls.ts'
import { isViewer } from './viewer.ts'

/** An issuer that publishes keys, as often as it is asked. */
const startIssuer = async () => {
  const published: Signer[] = []
  const issuer = { published, asked: 0, isBroken: false, isSilent: false }
  const http = fastify()
  http.get('/jwks.json', (_, reply) => {
    issuer.asked++
    if (issuer.isSilent) return new Promise(() => undefined)
    return issuer.isBroken ? reply.code(500).send() : { keys: published.map(({ jwk }) => jwk) }
  })
  const url = await http.listen({ host: '127.0.0.1', port: 0 })
  return { issuer, url: `${url}/jwks.json`, close: () => http.close() }
}

let issuer: Awaited<ReturnType<typeof startIssuer>>['issuer']
let close: () => Promise<unknown>
let verify: Verify
beforeEach(async () => {
  const started = await startIssuer()
  ;({ issuer, close } = started)
  vi.useFakeTimers({ toFake: ['Date'] })
  verify = verifierOf({ keys: keysAt(started.url), issuer: ISSUER, now: () => new Date() })
})
afterEach(async () => {
  vi.useRealTimers()
  await close()
})
const wait = (ms: number) => vi.setSystemTime(Date.now() + ms)
const isKnown = async (signer: Signer) => isViewer(await verify(await signed(signer, claimsAt(new Date()))))

it('keys are asked for once, and again when they are ten minutes old', async () => {
  const signer = await signerOf('2026')
  issuer.published.push(signer)
  expect(await Promise.all([isKnown(signer), isKnown(signer)])).toEqual([true, true])
  expect(await isKnown(signer)).toBe(true)
  expect(issuer.asked).toBe(1)
  wait(600_000)
  expect(await isKnown(signer)).toBe(true)
  expect(issuer.asked).toBe(2)
})

it('a new key is found, and the former one counts for as long as it is published', async () => {
  const former = await signerOf('2026')
  const next = await signerOf('2027')
  issuer.published.push(former)
  expect(await isKnown(former)).toBe(true)
  issuer.published.unshift(next)
  wait(5_000)
  expect(await isKnown(next)).toBe(true)
  expect(await isKnown(former)).toBe(true)
  expect(issuer.asked).toBe(2)
  issuer.published.pop()
  wait(600_000)
  expect(await isKnown(former)).toBe(false)
})

it('nobody makes us ask again and again by naming keys that there are not', async () => {
  const signer = await signerOf('2026')
  issuer.published.push(signer)
  expect(await isKnown(signer)).toBe(true)
  for (const kid of ['1', '2', '3']) expect(await isKnown(await signerOf(kid))).toBe(false)
  expect(issuer.asked).toBe(1)
})

it.each([
  ['answers with an error', () => (issuer.isBroken = true)],
  ['is not there', () => close()],
  ['does not answer', () => (issuer.isSilent = true)],
])('an issuer that %s is no fault of a token’s', async (_, fail) => {
  const signer = await signerOf('2026')
  issuer.published.push(signer)
  await fail()
  await expect(isKnown(signer)).rejects.toBeInstanceOf(Unavailable)
})

it('an issuer that is back is asked again at once', async () => {
  const signer = await signerOf('2026')
  issuer.published.push(signer)
  issuer.isBroken = true
  await expect(isKnown(signer)).rejects.toBeInstanceOf(Unavailable)
  issuer.isBroken = false
  expect(await isKnown(signer)).toBe(true)
})
