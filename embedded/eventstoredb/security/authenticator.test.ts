import { beforeAll, describe, expect, it } from 'vitest'

import { anonymous, type Principal } from './access.ts'
import { Authenticator } from './authenticator.ts'
import { hashPassword } from './passwords.ts'
import type { StoredUser } from './users.ts'

let ada: StoredUser
beforeAll(async () => {
  const hash = await hashPassword('engine: 1')
  ada = {
    loginName: 'ada',
    fullName: 'Ada',
    hash,
    disabled: false,
    groups: ['$ops', 'countesses'],
    revision: 0,
    updatedMs: 0,
  }
})

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const asAda = basic('ada:engine: 1')
const unauthenticated = { status: { code: 16 } }

/** Nonsense is refused at once, a wrong password when it is checked. */
const call = async (authenticate: () => Principal | Promise<Principal>): Promise<Principal> => authenticate()

function sceneWith(found: () => StoredUser | undefined) {
  const scene = { checks: 0, change: (_login: string): void => undefined }
  const authenticator = new Authenticator({
    find: () => {
      scene.checks += 1
      return found()
    },
    onChange: (listener) => (scene.change = listener),
  })
  return { scene, authenticator }
}

describe('by credentials', () => {
  it('a user is known by name and groups', async () => {
    const { authenticator } = sceneWith(() => ada)
    expect(await authenticator.authenticate(asAda)).toEqual({ name: 'ada', groups: ['$ops', 'countesses'] })
  })

  it('nobody in particular is anonymous, at once', () => {
    const { authenticator } = sceneWith(() => ada)
    expect(authenticator.authenticate(undefined)).toBe(anonymous)
  })

  it.each([
    ['a wrong password', basic('ada:engine: 2')],
    ['no password', basic('ada:')],
    ['no colon', basic('ada')],
    ['another scheme', 'Bearer YWRhOmVuZ2luZTogMQ=='],
    ['nothing encoded', 'Basic'],
    ['what is not base64', 'Basic ada:engine: 1'],
    ['an empty header', ''],
  ])('nobody is let in with %s', async (_, header) => {
    const { authenticator } = sceneWith(() => ada)
    await expect(call(() => authenticator.authenticate(header))).rejects.toMatchObject(unauthenticated)
  })

  it.each<[string, () => StoredUser | undefined]>([
    ['is not there', () => undefined],
    ['is disabled', () => ({ ...ada, disabled: true })],
    ['has no password', () => ({ ...ada, hash: undefined })],
  ])('no user is let in who %s', async (_, found) => {
    const { authenticator } = sceneWith(found)
    await expect(authenticator.authenticate(asAda)).rejects.toMatchObject(unauthenticated)
    await expect(authenticator.authenticate(basic('ada:'))).rejects.toMatchObject(unauthenticated)
  })

  it('the scheme may be written in any case', async () => {
    const { authenticator } = sceneWith(() => ada)
    expect(await authenticator.authenticate(asAda.replace('Basic', 'bASIC'))).toMatchObject({ name: 'ada' })
  })
})

describe('a password', () => {
  it('that has proved right is not checked again', async () => {
    const { scene, authenticator } = sceneWith(() => ada)
    const first = await authenticator.authenticate(asAda)
    expect(authenticator.authenticate(asAda)).toBe(first)
    expect(scene.checks).toBe(1)
  })

  it('is checked once for all who use it at the same time', async () => {
    const { scene, authenticator } = sceneWith(() => ada)
    const calls = await Promise.all(Array.from({ length: 50 }, async () => authenticator.authenticate(asAda)))
    expect(new Set(calls).size).toBe(1)
    expect(scene.checks).toBe(1)
  })

  it('that was wrong is checked each time', async () => {
    const { scene, authenticator } = sceneWith(() => ada)
    for (const _ of [1, 2]) {
      await expect(authenticator.authenticate(basic('ada:x'))).rejects.toMatchObject(unauthenticated)
    }
    expect(scene.checks).toBe(2)
  })

  it('is checked anew once the user has changed, but not for another', async () => {
    let user: StoredUser | undefined = ada
    const { scene, authenticator } = sceneWith(() => user)
    const first = await authenticator.authenticate(asAda)
    scene.change('bob')
    expect(authenticator.authenticate(asAda)).toBe(first)
    user = { ...ada, disabled: true }
    scene.change('ada')
    await expect(authenticator.authenticate(asAda)).rejects.toMatchObject(unauthenticated)
  })

  it('is not remembered if a user changes while it is checked', async () => {
    let user: StoredUser | undefined = ada
    const { scene, authenticator } = sceneWith(() => user)
    const early = authenticator.authenticate(asAda)
    while (scene.checks === 0) await Promise.resolve()
    user = undefined
    scene.change('ada')
    await early
    await expect(authenticator.authenticate(asAda)).rejects.toMatchObject(unauthenticated)
  })

  it('is turned away while too many others are checked', async () => {
    const { authenticator } = sceneWith(() => {
      throw new Error('The disk is gone.')
    })
    const waiting = Array.from({ length: 256 }, async (_, n) => authenticator.authenticate(basic(`${n}:`)))
    expect(() => authenticator.authenticate(asAda)).toThrow('Too many credentials')
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
    await expect(authenticator.authenticate(asAda)).rejects.toThrow('The disk is gone.')
  })
})
