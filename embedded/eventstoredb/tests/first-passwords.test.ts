import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { EventStoreDBNode, type NodeOptions } from '../node.ts'
import { userCalls, type UserCalls } from './raw-users.ts'
import { spawnNode } from './spawned-node.ts'
import type { Credentials } from './secure-server.ts'

/** What a node does with passwords from one start to the next: for nodes of our own only. */
let db: string
beforeEach(async () => {
  db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
})
afterEach(() => rm(db, { recursive: true, force: true }))

type Calls = (username: string, password: string) => UserCalls

/** Runs a node on the test's directory for as long as `use` takes. */
async function during(auth: NodeOptions['auth'], use: (calls: Calls) => Promise<void>): Promise<void> {
  const node = await EventStoreDBNode.start({ db, ...(auth === undefined ? {} : { auth }) })
  try {
    await use(callsTo(node.connectionString))
  } finally {
    await node.stop()
  }
}

const callsTo =
  (url: string): Calls =>
  (username, password) =>
    userCalls({ url, ca: undefined }, { username, password })

/** 0 if a name and password are taken, 16 if not. */
async function signIn(calls: Calls, credentials: Credentials): Promise<number> {
  const { username, password } = credentials
  return (await calls(username, password).details(username)).code
}

const admin = (password: string): Credentials => ({ username: 'admin', password })
const ops = (password: string): Credentials => ({ username: 'ops', password })

describe('the default users', () => {
  it('have the password that is known for them, unless others are given', async () => {
    await during(true, async (calls) => {
      expect(await signIn(calls, admin('changeit'))).toBe(0)
      expect(await signIn(calls, ops('changeit'))).toBe(0)
    })
  })

  it('have the passwords that a fresh database is started with', async () => {
    await during({ adminPassword: 'a1', opsPassword: 'o1' }, async (calls) => {
      expect(await signIn(calls, admin('a1'))).toBe(0)
      expect(await signIn(calls, ops('o1'))).toBe(0)
      expect(await signIn(calls, admin('changeit'))).toBe(16)
    })
  })

  it('keep their passwords whatever the node is started with later', async () => {
    await during({ adminPassword: 'a1' }, async () => {})
    await during({ adminPassword: 'a2', opsPassword: 'o2' }, async (calls) => {
      expect(await signIn(calls, admin('a1'))).toBe(0)
      expect(await signIn(calls, admin('a2'))).toBe(16)
      expect(await signIn(calls, ops('changeit'))).toBe(0)
    })
  })

  it('get their first passwords when a database is first started with authentication', async () => {
    await during(undefined, async () => {})
    await during({ adminPassword: 'a1' }, async (calls) => {
      expect(await signIn(calls, admin('a1'))).toBe(0)
      expect(await signIn(calls, ops('changeit'))).toBe(0)
    })
  })

  it('do not come back once they are deleted', async () => {
    await during(true, async (calls) => {
      expect((await calls('admin', 'changeit').delete('ops')).code).toBe(0)
    })
    await during(true, async (calls) => {
      expect(await signIn(calls, ops('changeit'))).toBe(16)
      const { users } = await calls('admin', 'changeit').details()
      expect(users.map(({ loginName }) => loginName)).toEqual(['admin'])
    })
  })
})

describe('users', () => {
  it('and their passwords are there after a restart', async () => {
    await during(true, async (calls) => {
      const root = calls('admin', 'changeit')
      await root.create({ login: 'ada', password: 'p1', groups: ['mine'] })
      await root.create({ login: 'bob', password: 'p2' })
      await root.disable('bob')
      await calls('ada', 'p1').changePassword('ada', 'p1', 'p3')
    })
    await during(true, async (calls) => {
      expect(await signIn(calls, { username: 'ada', password: 'p3' })).toBe(0)
      expect(await signIn(calls, { username: 'ada', password: 'p1' })).toBe(16)
      expect(await signIn(calls, { username: 'bob', password: 'p2' })).toBe(16)
      const { users } = await calls('admin', 'changeit').details('ada')
      expect(users).toMatchObject([{ loginName: 'ada', groups: ['mine'] }])
    })
  })

  it('leave no password on the disk', async () => {
    await during({ adminPassword: 'Open-Sesame-1' }, async (calls) => {
      await calls('admin', 'Open-Sesame-1').create({ login: 'ada', password: 'Open-Sesame-2' })
      await calls('ada', 'Open-Sesame-2').changePassword('ada', 'Open-Sesame-2', 'Open-Sesame-3')
    })
    const entries = await readdir(db, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    const bytes = Buffer.concat(
      await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
    )
    expect(bytes.includes('$UserCreated')).toBe(true)
    expect(bytes.includes('Sesame')).toBe(false)
  })

  it('may be let in again by a node without authentication', async () => {
    await during({ adminPassword: 'forgotten' }, async () => {})
    await during(undefined, async (calls) => {
      expect((await calls('nobody', '').resetPassword('admin', 'new')).code).toBe(0)
    })
    await during(true, async (calls) => expect(await signIn(calls, admin('new'))).toBe(0))
  })
})

describe('on the command line', () => {
  const authenticated = async (
    password: string,
    spawned: Parameters<typeof spawnNode>[0],
  ): Promise<number> => {
    const node = await spawnNode(spawned)
    try {
      return await signIn(callsTo(`esdb://127.0.0.1:${node.port}?tls=false`), admin(password))
    } finally {
      await node.stop()
    }
  }

  it('passwords come from the environment, or from flags', async () => {
    const env = { EVENTSTORE_ADMIN_PASSWORD: 'from env' }
    expect(await authenticated('from env', { args: ['--auth'], env })).toBe(0)
    const args = ['--auth', '--admin-password', 'from flag', '--ops-password', 'x']
    expect(await authenticated('from flag', { args, env })).toBe(0)
    expect(await authenticated('changeit', { args, env })).toBe(16)
  })

  it.each([
    ['without --auth', ['--admin-password', 'x'], 'mean nothing without --auth'],
    ['that are empty', ['--auth', '--ops-password', ''], 'can not be empty'],
  ])('passwords %s are refused', async (_, args, complaint) => {
    await expect(spawnNode({ args })).rejects.toThrow(complaint)
  })
})
