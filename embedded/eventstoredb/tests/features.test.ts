import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rawCall } from './raw-call.ts'
import { startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer({ projections: true })
})
afterAll(() => server.stop())

async function supported() {
  const path = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods'
  const { code, messages } = await rawCall(server.url, path, [Buffer.alloc(0)])
  expect(code).toBe(0)
  return features.SupportedMethods.deserializeBinary(messages[0] ?? Buffer.alloc(0))
}

const streams = 'event_store.client.streams.streams'
const groups = 'event_store.client.persistent_subscriptions.persistentsubscriptions'

it('names a version of three parts that clients compare with', async () => {
  expect((await supported()).getEventStoreServerVersion()).toMatch(/^\d+\.\d+\.\d+$/u)
})

it('names each method once, in lower case', async () => {
  const names = (await supported()).getMethodsList().map((m) => `${m.getServiceName()}/${m.getMethodName()}`)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(names.map((name) => name.toLowerCase()))
})

it.each([
  [streams, 'append', []],
  [streams, 'batchappend', ['deadline_duration']],
  [streams, 'read', ['position', 'events']],
  [streams, 'delete', []],
  [streams, 'tombstone', []],
  [groups, 'create', ['stream', 'all']],
  [groups, 'update', ['stream', 'all']],
  [groups, 'delete', ['stream', 'all']],
  [groups, 'read', ['stream', 'all']],
  [groups, 'getinfo', ['stream', 'all']],
  [groups, 'replayparked', ['stream', 'all']],
  [groups, 'list', ['stream', 'all']],
  ['event_store.client.projections.projections', 'create', ['track_emitted_streams']],
  ['event_store.client.gossip.gossip', 'read', []],
])('%s has %s with the features %j', async (service, method, expected) => {
  const found = (await supported())
    .getMethodsList()
    .find((each) => each.getServiceName() === service && each.getMethodName() === method)
  expect(found?.getFeaturesList()).toEqual(expect.arrayContaining(expected))
})

describe('a method', () => {
  /** Its path in the mixed case of the services, of which the list has only lower case. */
  const proper: Readonly<Record<string, string>> = {
    streams: 'Streams',
    persistentsubscriptions: 'PersistentSubscriptions',
    gossip: 'Gossip',
    monitoring: 'Monitoring',
    serverfeatures: 'ServerFeatures',
    users: 'Users',
    projections: 'Projections',
    batchappend: 'BatchAppend',
    getinfo: 'GetInfo',
    replayparked: 'ReplayParked',
    restartsubsystem: 'RestartSubsystem',
    getsupportedmethods: 'GetSupportedMethods',
    changepassword: 'ChangePassword',
    resetpassword: 'ResetPassword',
  }
  const capital = (word: string): string => proper[word] ?? `${word[0]?.toUpperCase()}${word.slice(1)}`

  /** What the server says of a path that leads nowhere. */
  const unknownHere = 'is not implemented by this node'

  it('that is named is implemented', async () => {
    for (const method of (await supported()).getMethodsList()) {
      const name = `${method.getServiceName()}/${method.getMethodName()}`
      // These two wait for more, and have tests of their own.
      if ([`${groups}/read`, 'event_store.client.monitoring.monitoring/stats'].includes(name)) continue
      const words = method.getServiceName().split('.')
      const service = [...words.slice(0, -1), capital(words.at(-1) ?? '')].join('.')
      // Without a request: whatever the answer is, it comes from an implementation.
      const { message } = await rawCall(server.url, `/${service}/${capital(method.getMethodName())}`, [])
      expect(message, name).not.toContain(unknownHere)
    }
  })

  it('that is not is answered so', async () => {
    const { code } = await rawCall(server.url, '/event_store.client.operations.Operations/StartScavenge', [])
    const names = (await supported()).getMethodsList().map((m) => m.getServiceName())
    expect(code === 12).toBe(!names.includes('event_store.client.operations.operations'))
  })
})
