import { randomUUID } from 'node:crypto'

import { persistentSubscriptionToStreamSettingsFromDefaults as settings } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { userCalls, type UserCalls } from './raw-users.ts'
import { admin, ops, startSecureServer, type Credentials, type SecureServer } from './secure-server.ts'
import { newStream, noted, notesIn } from './server.ts'

let server: SecureServer
let users: UserCalls
beforeAll(async () => {
  server = await startSecureServer()
  users = userCalls(server)
})
afterAll(() => server.stop())

const denied = { code: 7, trailers: { exception: 'access-denied' } }
const newLogin = (): string => `user-${randomUUID()}`
const notFound = (login: string) => ({
  code: 5,
  trailers: { exception: 'user-not-found', 'login-name': login },
})

async function newUser(groups: string[] = []): Promise<Credentials> {
  const login = newLogin()
  expect((await users.create({ login, password: 'first', groups })).code).toBe(0)
  return { username: login, password: 'first' }
}

/** 0 if these credentials are taken, 16 if not. */
const signIn = async (credentials: Credentials): Promise<number> =>
  (await userCalls(server, credentials).details(credentials.username)).code

describe('a user', () => {
  it('is created with a name and groups, and can sign in', async () => {
    const login = newLogin()
    const before = BigInt(Date.now()) * 10_000n
    const created = await users.create({ login, password: 'first', fullName: 'Ada L.', groups: ['a', 'b'] })
    expect(created).toMatchObject({ code: 0, messages: [Buffer.alloc(0)] })
    const [details] = (await users.details(login)).users
    expect(details).toMatchObject({
      loginName: login,
      fullName: 'Ada L.',
      groups: ['a', 'b'],
      disabled: false,
    })
    expect(details?.lastUpdatedTicks).toBeGreaterThanOrEqual(before)
    expect(details?.lastUpdatedTicks).toBeLessThanOrEqual(BigInt(Date.now()) * 10_000n)
    expect(await signIn({ username: login, password: 'first' })).toBe(0)
    expect(await signIn({ username: login, password: 'second' })).toBe(16)
  })

  it('is created once', async () => {
    const { username: login } = await newUser()
    const again = await users.create({ login, password: 'second' })
    expect(again).toMatchObject({ code: 9, trailers: { exception: 'user-conflict', 'login-name': login } })
    expect(await signIn({ username: login, password: 'first' })).toBe(0)
  })

  it('is created once even by several at the same time', async () => {
    const login = newLogin()
    const replies = await Promise.all([1, 2, 3].map((n) => users.create({ login, password: `${n}` })))
    expect(replies.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 9, 9])
  })

  it.each([
    ['without a name', { login: '', password: 'x' }],
    ['with a colon in the name', { login: 'a:b', password: 'x' }],
    ['without a password', { login: newLogin(), password: '' }],
  ])('is not created %s', async (_, user) => {
    expect((await users.create(user)).code).toBe(3)
  })

  it('is updated, with effect on the next call', async () => {
    const user = await newUser()
    const create = () => server.as(user).createPersistentSubscriptionToStream(newStream(), 'g', settings())
    await expect(create()).rejects.toMatchObject({ type: 'access-denied' })
    const update = { login: user.username, fullName: 'New', groups: ['$ops'] }
    expect((await users.update(update)).code).toBe(0)
    await create()
    const { users: found } = await users.details(user.username)
    expect(found).toMatchObject([{ fullName: 'New', groups: ['$ops'] }])
  })

  it('is not let in while disabled', async () => {
    const user = await newUser()
    expect(await signIn(user)).toBe(0)
    expect((await users.disable(user.username)).code).toBe(0)
    expect(await signIn(user)).toBe(16)
    expect((await users.details(user.username)).users).toMatchObject([{ disabled: true }])
    expect((await users.enable(user.username)).code).toBe(0)
    expect(await signIn(user)).toBe(0)
  })

  it('is gone when deleted, and may be created again', async () => {
    const user = await newUser()
    expect(await signIn(user)).toBe(0)
    expect((await users.delete(user.username)).code).toBe(0)
    expect(await signIn(user)).toBe(16)
    expect(await users.details(user.username)).toMatchObject(notFound(user.username))
    expect((await users.create({ login: user.username, password: 'again' })).code).toBe(0)
    expect(await signIn(user)).toBe(16)
    expect(await signIn({ ...user, password: 'again' })).toBe(0)
    const { users: all } = await users.details()
    expect(all.filter(({ loginName }) => loginName === user.username)).toHaveLength(1)
  })

  it('that is not there is named in the error', async () => {
    const login = newLogin()
    const replies = await Promise.all([
      users.update({ login, fullName: '', groups: [] }),
      users.delete(login),
      users.disable(login),
      users.enable(login),
      users.resetPassword(login, 'x'),
      users.changePassword(login, 'x', 'y'),
      users.details(login),
    ])
    for (const reply of replies) expect(reply).toMatchObject(notFound(login))
  })

  it('is among all users, as the default ones are', async () => {
    const { username } = await newUser(['mine'])
    const { users: all } = await users.details()
    expect(all).toContainEqual(expect.objectContaining({ loginName: 'admin', groups: ['$admins'] }))
    expect(all).toContainEqual(expect.objectContaining({ loginName: 'ops', groups: ['$ops'] }))
    expect(all).toContainEqual(expect.objectContaining({ loginName: username, groups: ['mine'] }))
  })
})

describe('a password', () => {
  it('is changed by who has it', async () => {
    const user = await newUser()
    const own = userCalls(server, user)
    expect((await own.changePassword(user.username, 'first', 'second')).code).toBe(0)
    expect(await signIn(user)).toBe(16)
    expect(await signIn({ ...user, password: 'second' })).toBe(0)
  })

  it('is not changed without knowing it', async () => {
    const user = await newUser()
    expect(await userCalls(server, user).changePassword(user.username, 'guess', 'x')).toMatchObject(denied)
    expect(await users.changePassword(user.username, 'guess', 'x')).toMatchObject(denied)
    expect(await signIn(user)).toBe(0)
  })

  it('is not changed by other users', async () => {
    const [user, other] = [await newUser(), await newUser()]
    const reply = await userCalls(server, other).changePassword(user.username, 'first', 'second')
    expect(reply).toMatchObject(denied)
  })

  it('is reset by administrators', async () => {
    const user = await newUser()
    expect((await users.resetPassword(user.username, 'third')).code).toBe(0)
    expect(await signIn(user)).toBe(16)
    expect(await signIn({ ...user, password: 'third' })).toBe(0)
  })

  it('may have any characters, and is taken letter by letter', async () => {
    const login = newLogin()
    const password = ' :pässword: 密码 '
    await users.create({ login, password })
    expect(await signIn({ username: login, password })).toBe(0)
    expect(await signIn({ username: login, password: password.trim() })).toBe(16)
  })

  it('is taken on both ways to append', async () => {
    const user = await newUser()
    const stream = newStream()
    await server.as(user).appendToStream(stream, noted('a'))
    await server.as().appendToStream(stream, noted('b'), { credentials: user })
    expect(await notesIn(server.as(user), stream)).toEqual(['a', 'b'])
    const wrong = { ...user, password: 'wrong' }
    for (const append of [
      () => server.as(wrong).appendToStream(stream, noted('c')),
      () => server.as(user).appendToStream(stream, noted('c'), { credentials: wrong }),
    ]) {
      await expect(append()).rejects.toMatchObject({ type: 'access-denied', code: 16 })
    }
  })
})

describe('users are managed by', () => {
  it.each<[string, () => Promise<Credentials> | Credentials | null]>([
    ['users', () => newUser()],
    ['operators', () => ops],
    ['nobody in particular', () => null],
  ])('administrators, not by %s', async (_, caller) => {
    const { username } = await newUser()
    const calls = userCalls(server, await caller())
    const replies = await Promise.all([
      calls.create({ login: newLogin(), password: 'x' }),
      calls.update({ login: username, fullName: '', groups: ['$admins'] }),
      calls.delete(username),
      calls.disable(username),
      calls.enable(username),
      calls.resetPassword(username, 'x'),
      calls.details(),
      calls.details(username),
      calls.details(newLogin()),
    ])
    for (const reply of replies) expect(reply).toMatchObject(denied)
  })

  it('everyone as far as they may know about themselves', async () => {
    const user = await newUser(['mine'])
    const reply = await userCalls(server, user).details(user.username)
    expect(reply).toMatchObject({ code: 0, users: [{ loginName: user.username, groups: ['mine'] }] })
  })
})

describe('what is kept of users', () => {
  it('is in streams of their own', async () => {
    const { username } = await newUser()
    await users.disable(username)
    await users.resetPassword(username, 'second')
    const types: (string | undefined)[] = []
    for await (const { event } of server.as(admin).readStream(`$user-${username}`)) types.push(event?.type)
    expect(types).toEqual(['$UserCreated', '$UserUpdated', '$UserUpdated'])
    const told: unknown[] = []
    for await (const { event } of server.as(admin).readStream('$users-password-notifications')) {
      told.push([event?.type, event?.data])
    }
    expect(told.at(-1)).toEqual(['$PasswordChanged', { loginName: username }])
  })

  it('holds no password in any form that can be read', async () => {
    const secret = `secret-${randomUUID()}`
    const login = newLogin()
    await users.create({ login, password: secret })
    await users.changePassword(login, secret, `${secret}!`)
    await users.resetPassword(login, `${secret}?`)
    const secrets = [secret, 'changeit'].flatMap((text) => [
      text,
      Buffer.from(text).toString('base64').replaceAll('=', ''),
      Buffer.from(text).toString('hex'),
    ])
    let events = 0
    for await (const { event } of server.as(admin).readAll()) {
      const { data, metadata } = event ?? {}
      const text = [data, metadata]
        .map((part) =>
          part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : JSON.stringify(part),
        )
        .join('\n')
      for (const part of secrets) expect(text).not.toContain(part)
      events += 1
    }
    expect(events).toBeGreaterThan(5)
  })
})
