import { describe, expect, it } from 'vitest'
import type { ApiError } from '../service/errors.ts'
import { ann, bob } from '../domain/controls.ts'
import { factsOf, factsOfSocket } from './facts.ts'
import { byHeader, isViewer } from './viewer.ts'

const asking = (headers: Record<string, string | string[]>) => byHeader(factsOf(headers))

describe('who is asking, by header', () => {
  it('is the user of the header, in lower case, without a special role', () =>
    expect(asking({ 'x-user-id': ann.toUpperCase() })).resolves.toEqual({ id: ann, role: 'USER' }))
  it('may be an admin', () =>
    expect(asking({ 'x-user-id': ann, 'x-user-role': 'ADMIN' })).resolves.toEqual({ id: ann, role: 'ADMIN' }))
  it.each([
    ['nobody', {}],
    ['no UUID', { 'x-user-id': 'ann' }],
    ['two users', { 'x-user-id': [ann, bob] }],
    ['a role that is none', { 'x-user-id': ann, 'x-user-role': 'KING' }],
  ])('is not known from %s', async (_, headers) => expect(isViewer(await asking(headers))).toBe(false))
})

describe('who is asking over a WebSocket', () => {
  it('is the user of the upgrade request', () =>
    expect(byHeader(factsOfSocket({ 'x-user-id': ann }, undefined))).resolves.toEqual({
      id: ann,
      role: 'USER',
    }))
  it('or, for browsers, of the connection parameters, in any case', () =>
    expect(byHeader(factsOfSocket({}, { 'X-USER-ID': ann, 'x-User-Role': 'ADMIN' }))).resolves.toEqual({
      id: ann,
      role: 'ADMIN',
    }))
  it('never a mixture: what a gateway says is not added to', () =>
    expect(
      byHeader(factsOfSocket({ 'x-user-id': ann }, { 'X-User-ID': bob, 'X-User-Role': 'ADMIN' })),
    ).resolves.toEqual({ id: ann, role: 'USER' }))
  it.each([
    ['of this address', 'http://127.0.0.1:4000', true],
    ['of another site', 'https://evil.example', false],
    ['of this machine, but another service', 'http://127.0.0.1:3000', false],
    ['that hides where it is from', 'null', false],
  ])('by the parameters of a page %s', async (_, origin, isBelieved) => {
    const facts = factsOfSocket(
      { host: '127.0.0.1:4000', origin },
      { 'X-User-ID': ann, 'X-User-Role': 'ADMIN' },
    )
    const known = await byHeader(facts).then(isViewer, (fault: ApiError) => fault.code)
    expect(known).toBe(isBelieved || 'FORBIDDEN')
  })
  it('is not known from parameters that are no text', async () =>
    expect(isViewer(await byHeader(factsOfSocket({}, { 'X-User-ID': [ann] })))).toBe(false))
})
