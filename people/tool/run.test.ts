import { EventStoreDBClient } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserId } from '../../domain/ids.ts'
import { begin } from '../../eventstore/metadata.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { startNodes } from '../../tests/startNodes.ts'
import { devicesIn } from '../devices.ts'
import { SessionId } from '../events.ts'
import { profilesIn } from '../profiles.ts'
import { signIn, user } from '../user.ts'
import { commandOf, Misuse } from './command.ts'
import { runCommand } from './run.ts'

describe('a command line', () => {
  const id = randomUUID()
  it.each([
    [['list'], { command: 'list' }],
    [
      ['grant', 'Ann@People.example', 'admin'],
      { command: 'grant', who: 'ann@people.example', role: 'ADMIN' },
    ],
    [['revoke', id.toUpperCase()], { command: 'revoke', who: id }],
    [['sessions', id], { command: 'sessions', who: id }],
    [['erase', id], { command: 'erase', who: id }],
    [['--help'], undefined],
  ])('of %j is understood', (args, command) => expect(commandOf(args)).toEqual(command))
  it.each([
    [[]],
    [['erase']],
    [['erase', 'ann']],
    [['erase', id, id]],
    [['grant', id]],
    [['grant', id, 'KING']],
    [['list', id]],
    [['--all']],
    [['drop', id]],
  ])('of %j is not', (args) => expect(() => commandOf(args)).toThrow(Misuse))
})

describe('people, on the command line', () => {
  let nodes: Awaited<ReturnType<typeof startNodes>>
  let client: EventStoreDBClient
  let mongo: MongoClient
  beforeAll(async () => {
    nodes = await startNodes()
    client = EventStoreDBClient.connectionString(nodes.events)
    mongo = new MongoClient(nodes.documents)
  })
  afterAll(async () => {
    await mongo.close()
    await client.dispose()
    await nodes.stop()
  })

  const parts = () => ({
    users: writerOf(user, { client, now: () => new Date(), newId: randomUUID }),
    db: mongo.db('people'),
    actor: 'test',
    newId: randomUUID,
  })
  const run = (...args: readonly string[]) => {
    const command = commandOf(args)
    if (!command) throw new Error('help')
    return runCommand(command, parts())
  }
  /** Somebody with a profile and a session. */
  const arrive = async (subject: string, device: string): Promise<UserId> => {
    const { users, db } = parts()
    const id = UserId.parse(randomUUID())
    const sessionId = SessionId.parse(randomUUID())
    const expiresAt = new Date(Date.now() + 1_000_000)
    const hash = 'x'.repeat(43)
    await profilesIn(db).of(
      { issuer: 'https://issuer.example', subject, email: `${subject}@people.example` },
      id,
      new Date(),
    )
    await devicesIn(db).begin(
      { sessionId, userId: id, expiresAt },
      { device, address: '192.0.2.1' },
      new Date(),
    )
    await users.transact(
      id,
      signIn(
        { userId: id, sessionId, familyHash: hash, refreshHash: hash, expiresAt: expiresAt.toISOString() },
        { isNamedAdmin: false, now: new Date() },
      ),
      { cause: begin(randomUUID(), id) },
    )
    return id
  }

  it('are given roles, which are taken back', async () => {
    const id = await arrive('ann', 'Firefox')
    expect(await run('grant', 'ann@people.example', 'ADMIN')).toBe(`${id} is an admin now.`)
    expect(await run('grant', id, 'ADMIN')).toBe(`${id} is an admin already.`)
    expect(await run('list')).toMatch(new RegExp(`${id} +ADMIN +ann@people.example`))
    expect(await run('revoke', id)).toBe(`${id} is a user like everybody else now.`)
    await expect(run('grant', randomUUID(), 'ADMIN')).rejects.toThrow(/There is no user/)
    await expect(run('grant', 'bob@people.example', 'ADMIN')).rejects.toThrow(/Nobody has signed in/)
  })

  it('are shown with their devices, which can’t steer the terminal', async () => {
    const id = await arrive('carl', 'Evil\u001B[2J\u0007Browser')
    const shown = await run('sessions', id)
    expect(shown).toMatch(/192\.0\.2\.1 +Evil.\[2J.Browser$/)
    // eslint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/)
  })

  it('are erased once', async () => {
    const id = await arrive('dora', 'Chrome')
    expect(await run('erase', 'dora@people.example')).toMatch(
      /is erased \(profiles: 1, devices: 1,.*signed out of 1/,
    )
    expect(await run('erase', id)).toMatch(/was erased before/)
    await expect(run('grant', id, 'ADMIN')).rejects.toThrow(/was erased/)
    expect(await run('sessions', id)).toBe('Not signed in anywhere.')
    await expect(run('erase', randomUUID())).rejects.toThrow(/There is no user/)
  })

  it('whose registration was never written are erased, too', async () => {
    const id = UserId.parse(randomUUID())
    const person = { issuer: 'https://issuer.example', subject: 'eli', email: 'eli@people.example' }
    await profilesIn(parts().db).of(person, id, new Date())
    await expect(run('erase', 'eli@people.example')).rejects.toThrow(/no user.*profiles: 1/)
    expect(await profilesIn(parts().db).find(id)).toBeUndefined()
  })
})
