import { randomUUID } from 'node:crypto'

import {
  binaryEvent,
  END,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as groupOnAll,
  persistentSubscriptionToStreamSettingsFromDefaults as groupOnStream,
  START,
  type EventStoreDBClient,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { rawCall } from './raw-call.ts'
import { userCalls } from './raw-users.ts'
import { admin, ops, startSecureServer, type Credentials, type SecureServer } from './secure-server.ts'
import { newStream, noted, noteOf, until } from './server.ts'

type Caller = 'anonymous' | 'user' | 'owner' | 'ops' | 'admin' | 'wrong password'
type Outcome = 'allowed' | 'denied' | 'unauthenticated'

const user = { username: `user-${randomUUID()}`, password: 'of the user' }
const owner = { username: `owner-${randomUUID()}`, password: 'of: the öwner' }
const member = { username: `member-${randomUUID()}`, password: 'of the member' }

const credentialsOf: Readonly<Record<Caller, Credentials | undefined>> = {
  anonymous: undefined,
  user,
  owner,
  ops,
  admin,
  'wrong password': { username: 'admin', password: 'not changeit' },
}

let server: SecureServer
let root: EventStoreDBClient
beforeAll(async () => {
  server = await startSecureServer()
  root = server.as(admin)
  for (const { username: login, password } of [user, owner]) {
    await userCalls(server).create({ login, password })
  }
  await userCalls(server).create({ login: member.username, password: member.password, groups: ['writers'] })
})
afterAll(() => server.stop())

/** A stream that only `owner` may use, and one with the built-in rules. */
interface Scene {
  readonly owned: string
  readonly free: string
  readonly system: string
  readonly group: string
}

async function newScene(): Promise<Scene> {
  const scene = {
    owned: newStream(),
    free: newStream(),
    system: newStream('$kept'),
    group: newStream('group'),
  }
  const { username } = owner
  const acl = {
    readRoles: [username],
    writeRoles: [username],
    deleteRoles: [username],
    metaReadRoles: [username],
    metaWriteRoles: [username],
  }
  await root.setStreamMetadata(scene.owned, { acl })
  for (const stream of [scene.owned, scene.free, scene.system]) await root.appendToStream(stream, noted('a'))
  return scene
}

async function outcomeOf(action: Promise<unknown>): Promise<Outcome> {
  try {
    await action
    return 'allowed'
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'type' in error && error.type === 'access-denied') {
      return 'code' in error && error.code === 16 ? 'unauthenticated' : 'denied'
    }
    throw error
  }
}

async function all(events: StreamingRead<unknown>): Promise<number> {
  let count = 0
  for await (const event of events) count += event === undefined ? 0 : 1
  return count
}

/** Until it is confirmed, or refused. */
async function started(subscription: {
  once(event: string, listener: (value: unknown) => void): unknown
  resume(): unknown
  unsubscribe(): Promise<void>
}): Promise<void> {
  await new Promise((resolve, reject) => {
    subscription.once('confirmation', resolve)
    subscription.once('error', reject)
    subscription.resume()
  })
  await subscription.unsubscribe()
}

type Operation = (client: EventStoreDBClient, scene: Scene, caller: Caller) => Promise<unknown>

const raw =
  (path: string): Operation =>
  async (_, __, caller) => {
    const credentials = credentialsOf[caller]
    const options = credentials === undefined ? {} : { credentials }
    const reply = await rawCall(server.url, path, [new Uint8Array(0)], { ca: server.ca, ...options })
    if (reply.code === 0) return
    if (reply.code === 7) expect(reply.trailers['exception']).toBe('access-denied')
    else expect(reply.code).toBe(16)
    throw Object.assign(new Error(reply.message), { type: 'access-denied', code: reply.code })
  }

const replay: Operation = (client, { free, group }) => client.replayParkedMessagesToStream(free, group)

const callers = ['anonymous', 'user', 'owner', 'ops', 'admin', 'wrong password'] as const
/** One letter for each caller in this order: allowed, denied, or not let in at all. */
const outcomes: Readonly<Record<string, Outcome>> = { a: 'allowed', d: 'denied', x: 'unauthenticated' }

const withGroup =
  (stream: 'free' | 'owned', operation: Operation): Operation =>
  async (client, scene, caller) => {
    await root.createPersistentSubscriptionToStream(
      scene[stream],
      scene.group,
      groupOnStream({ startFrom: START }),
    )
    return operation(client, scene, caller)
  }

const operations: readonly (readonly [what: string, rule: string, operation: Operation])[] = [
  ['append to a stream', 'd a a a a x', (client, { free }) => client.appendToStream(free, noted('b'))],
  [
    'append to a stream with an ACL',
    'd d a d a x',
    (client, { owned }) => client.appendToStream(owned, noted('b')),
  ],
  [
    'append on a call of its own',
    'd d a d a x',
    (client, { owned }, caller) => {
      const credentials = credentialsOf[caller]
      return client.appendToStream(owned, noted('b'), credentials === undefined ? {} : { credentials })
    },
  ],
  ['append to a new stream', 'd a a a a x', (client) => client.appendToStream(newStream(), noted('b'))],
  [
    'append to a system stream',
    'd d d d a x',
    (client, { system }) => client.appendToStream(system, noted('b')),
  ],
  ['append to $all', 'd d d d d x', (client) => client.appendToStream('$all', noted('b'))],
  ['read a stream', 'd a a a a x', (client, { free }) => all(client.readStream(free))],
  ['read a stream with an ACL', 'd d a d a x', (client, { owned }) => all(client.readStream(owned))],
  ['read a system stream', 'd d d d a x', (client, { system }) => all(client.readStream(system))],
  ['read $all', 'd d d d a x', (client) => all(client.readAll({ maxCount: 3 }))],
  ['read the users', 'd d d d a x', (client) => all(client.readStream('$user-admin'))],
  ['subscribe to a stream', 'd a a a a x', (client, { free }) => started(client.subscribeToStream(free))],
  [
    'subscribe to a stream with an ACL',
    'd d a d a x',
    (client, { owned }) => started(client.subscribeToStream(owned)),
  ],
  ['subscribe to $all', 'd d d d a x', (client) => started(client.subscribeToAll())],
  ['delete a stream', 'd a a a a x', (client, { free }) => client.deleteStream(free)],
  ['delete a stream with an ACL', 'd d a d a x', (client, { owned }) => client.deleteStream(owned)],
  ['tombstone a stream with an ACL', 'd d a d a x', (client, { owned }) => client.tombstoneStream(owned)],
  ['delete a system stream', 'd d d d a x', (client, { system }) => client.deleteStream(system)],
  [
    'delete the metadata of a stream',
    'd d a d a x',
    (client, { owned }) => client.deleteStream(`$$${owned}`),
  ],
  ['read metadata', 'd a a a a x', (client, { free }) => client.getStreamMetadata(free)],
  ['read metadata with an ACL', 'd d a d a x', (client, { owned }) => client.getStreamMetadata(owned)],
  ['write metadata', 'd a a a a x', (client, { free }) => client.setStreamMetadata(free, { maxCount: 9 })],
  [
    'write metadata with an ACL',
    'd d a d a x',
    (client, { owned }) => client.setStreamMetadata(owned, { maxCount: 9 }),
  ],
  [
    'create a group',
    'd d d a a x',
    (client, { free, group }) => client.createPersistentSubscriptionToStream(free, group, groupOnStream()),
  ],
  [
    'create a group on $all',
    'd d d a a x',
    (client, { group }) => client.createPersistentSubscriptionToAll(group, groupOnAll()),
  ],
  [
    'update a group',
    'd d d a a x',
    withGroup('free', (client, { free, group }) =>
      client.updatePersistentSubscriptionToStream(free, group, groupOnStream()),
    ),
  ],
  [
    'look at a group',
    'd d d a a x',
    withGroup('free', (client, { free, group }) => client.getPersistentSubscriptionToStreamInfo(free, group)),
  ],
  ['list all groups', 'd d d a a x', withGroup('free', (client) => client.listAllPersistentSubscriptions())],
  ['replay parked messages', 'd d d a a x', withGroup('free', replay)],
  ['restart all groups', 'd d d a a x', (client) => client.restartPersistentSubscriptionSubsystem()],
  [
    'delete a group',
    'd d d a a x',
    withGroup('free', (client, { free, group }) => client.deletePersistentSubscriptionToStream(free, group)),
  ],
  [
    'consume',
    'd a a a a x',
    withGroup('free', (client, { free, group }) =>
      started(client.subscribeToPersistentSubscriptionToStream(free, group)),
    ),
  ],
  [
    'consume a stream with an ACL',
    'd d a d a x',
    withGroup('owned', (client, { owned, group }) =>
      started(client.subscribeToPersistentSubscriptionToStream(owned, group)),
    ),
  ],
  ['see how a projection does', 'd a a a a x', (client) => client.getProjectionStatus('$streams')],
  ['ask for the state of a projection', 'd a a a a x', (client) => client.getProjectionState('$streams')],
  ['ask for the result of a projection', 'd a a a a x', (client) => client.getProjectionResult('$streams')],
  ['enable a projection', 'd d d a a x', (client) => client.enableProjection('$streams')],
  ['disable a projection', 'd d d a a x', (client) => client.disableProjection('$streams')],
  ['reset a projection', 'd d d a a x', (client) => client.resetProjection('$streams')],
  ['restart all projections', 'd d d a a x', (client) => client.restartSubsystem()],
  ['list the users', 'd d d d a x', raw('/event_store.client.users.Users/Details')],
  ['gossip', 'a a a a a x', raw('/event_store.client.gossip.Gossip/Read')],
  [
    'ask for what there is',
    'a a a a a x',
    raw('/event_store.client.server_features.ServerFeatures/GetSupportedMethods'),
  ],
]

describe.each(operations)('who may %s', (_, rule, operation) => {
  it.each(callers.map((caller, index) => [caller, outcomes[rule.split(' ')[index] ?? '']] as const))(
    '%s: %s',
    async (caller, outcome) => {
      const client = server.as(credentialsOf[caller])
      expect(await outcomeOf(operation(client, await newScene(), caller))).toBe(outcome)
    },
  )
})

const mayRead = async (credentials: Credentials | undefined, stream: string): Promise<boolean> =>
  (await outcomeOf(all(server.as(credentials).readStream(stream)))) === 'allowed'
const mayWrite = async (credentials: Credentials | undefined, stream: string): Promise<boolean> =>
  (await outcomeOf(server.as(credentials).appendToStream(stream, noted('b')))) === 'allowed'

/** A subscription that has caught up; `ended` resolves with why it ended. */
async function follow(client: EventStoreDBClient, stream: string) {
  const subscription =
    stream === '$all'
      ? client.subscribeToAll({ fromPosition: END })
      : client.subscribeToStream(stream, { fromRevision: END })
  const seen: ResolvedEvent[] = []
  const ended = new Promise((resolve) => subscription.once('error', resolve))
  subscription.on('data', (event: ResolvedEvent) => seen.push(event))
  await new Promise((resolve) => subscription.once('caughtUp', resolve))
  return { seen, ended, leave: () => subscription.unsubscribe() }
}

describe('an ACL', () => {
  /** As an event of the metadata stream, since the official client knows arrays only. */
  const streamWith = async ($acl: Record<string, string | string[]>): Promise<string> => {
    const stream = newStream()
    await root.appendToStream(stream, noted('a'))
    await root.appendToStream(`$$${stream}`, jsonEvent({ type: '$metadata', data: { $acl } }))
    return stream
  }

  it.each([
    ['a name', user.username],
    ['an array of names', ['nobody', user.username]],
  ])('may have %s', async (_, $r) => {
    const stream = await streamWith({ $r })
    expect(await mayRead(user, stream)).toBe(true)
    expect(await mayRead(owner, stream)).toBe(false)
  })

  it('may name groups', async () => {
    const stream = await streamWith({ $w: 'writers' })
    expect(await mayWrite(member, stream)).toBe(true)
    expect(await mayWrite(user, stream)).toBe(false)
  })

  it('leaves what it does not mention as it is', async () => {
    const stream = await streamWith({ $w: owner.username })
    expect(await mayRead(user, stream)).toBe(true)
    expect(await mayWrite(user, stream)).toBe(false)
  })

  it('that names nobody leaves it to administrators', async () => {
    const stream = await streamWith({ $r: [] })
    expect(await mayRead(owner, stream)).toBe(false)
    expect(await mayRead(admin, stream)).toBe(true)
  })

  it('lets all users in by $all, but not those without a name', async () => {
    const stream = newStream('$kept')
    await root.appendToStream(stream, noted('a'))
    await root.setStreamMetadata(stream, { acl: { readRoles: ['$all'] } })
    expect(await mayRead(user, stream)).toBe(true)
    expect(await mayRead(ops, stream)).toBe(true)
    expect(await mayRead(undefined, stream)).toBe(false)
  })

  it('may open $all', async () => {
    const readAll = (): Promise<Outcome> => outcomeOf(all(server.as(user).readAll({ maxCount: 3 })))
    expect(await readAll()).toBe('denied')
    await root.setStreamMetadata('$all', { acl: { readRoles: [user.username] } })
    expect(await readAll()).toBe('allowed')
    await root.setStreamMetadata('$all', {})
    expect(await readAll()).toBe('denied')
  })
})

describe('the last event of $settings', () => {
  const settings = (data: Record<string, Record<string, string | string[]>>): Promise<unknown> =>
    root.appendToStream('$settings', jsonEvent({ type: '$settings', data }))
  afterEach(() => settings({}))

  it('says who may use streams that say nothing themselves', async () => {
    const { free, owned, system } = await newScene()
    await settings({ $userStreamAcl: { $r: [user.username] }, $systemStreamAcl: { $r: user.username } })
    expect(await mayRead(user, free)).toBe(true)
    expect(await mayRead(owner, free)).toBe(false)
    expect(await mayRead(user, system)).toBe(true)
    expect(await mayRead(user, owned)).toBe(false)
    expect(await mayRead(owner, owned)).toBe(true)
    // What it leaves out is as built in.
    expect(await mayWrite(owner, free)).toBe(true)
    expect(await mayWrite(user, system)).toBe(false)
  })

  it('counts for nothing if it is malformed', async () => {
    const { free } = await newScene()
    await root.appendToStream(
      '$settings',
      jsonEvent({ type: '$settings', data: { $userStreamAcl: 'nobody' } }),
    )
    expect(await mayRead(user, free)).toBe(true)
  })

  it('ends subscriptions that it closes', async () => {
    const stream = newStream()
    const live = await follow(server.as(user), stream)
    await settings({ $userStreamAcl: { $r: [] } })
    expect(await live.ended).toMatchObject({ type: 'access-denied', code: 7 })
  })
})

describe('while someone is subscribed', () => {
  it.each([
    ['a stream', (client: EventStoreDBClient, stream: string) => follow(client, stream)],
    [
      'the metadata of a stream',
      (client: EventStoreDBClient, stream: string) => follow(client, `$$${stream}`),
    ],
  ])('reading %s can be revoked', async (_, subscribe) => {
    const stream = newStream()
    const live = await subscribe(server.as(user), stream)
    const other = await subscribe(server.as(owner), stream)
    const acl = { readRoles: [owner.username], metaReadRoles: [owner.username] }
    await root.setStreamMetadata(stream, { acl })
    await root.appendToStream(stream, noted('secret'))
    expect(await live.ended).toMatchObject({ type: 'access-denied', code: 7 })
    expect(live.seen.map(noteOf)).not.toContain('secret')
    await until(() => other.seen.length > 0, 'the other has seen something')
    await other.leave()
  })

  it('reading $all can be revoked', async () => {
    await root.setStreamMetadata('$all', { acl: { readRoles: [user.username] } })
    const live = await follow(server.as(user), '$all')
    await root.setStreamMetadata('$all', {})
    expect(await live.ended).toMatchObject({ type: 'access-denied', code: 7 })
  })

  it('consuming can be revoked', async () => {
    const { free, group } = await newScene()
    await root.createPersistentSubscriptionToStream(free, group, groupOnStream({ startFrom: START }))
    const consumer = server.as(user).subscribeToPersistentSubscriptionToStream(free, group)
    const ended = new Promise((resolve) => consumer.once('error', resolve))
    const connected = new Promise((resolve) => consumer.once('confirmation', resolve))
    consumer.resume()
    await connected
    await root.setStreamMetadata(free, { acl: { readRoles: [] } })
    expect(await ended).toMatchObject({ type: 'access-denied', code: 7 })
  })
})

describe('a link', () => {
  it('leads nowhere for whom its target is closed', async () => {
    const { owned } = await newScene()
    const links = newStream()
    await server.as(user).appendToStream(links, link(`0@${owned}`))
    const eventsOf = async (credentials: Credentials): Promise<(string | undefined)[]> => {
      const types: (string | undefined)[] = []
      const read = server.as(credentials).readStream(links, { resolveLinkTos: true })
      for await (const { event, link } of read) types.push(event?.type ?? link?.type)
      return types
    }
    expect(await eventsOf(owner)).toEqual(['Noted'])
    expect(await eventsOf(user)).toEqual(['$>'])
  })

  it('leads consumers nowhere either', async () => {
    const { owned, group } = await newScene()
    const links = newStream()
    await server.as(user).appendToStream(links, link(`0@${owned}`))
    const settings = groupOnStream({ startFrom: START, resolveLinkTos: true })
    await root.createPersistentSubscriptionToStream(links, group, settings)
    const consumer = server.as(user).subscribeToPersistentSubscriptionToStream(links, group)
    for await (const { event, link } of consumer) {
      expect({ event, type: link?.type }).toEqual({ event: undefined, type: '$>' })
      break
    }
  })
})

const link = (target: string) => binaryEvent({ type: '$>', data: Buffer.from(target) })
