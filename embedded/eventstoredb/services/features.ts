import protobuf from 'protobufjs/minimal.js'

import { unary, type Handler } from '../grpc/server.ts'

/** The version of a real node that this one keeps to. */
export const serverVersion = '24.10.4'

const streams = 'event_store.client.streams.streams'
const persistent = 'event_store.client.persistent_subscriptions.persistentsubscriptions'

type Method = readonly [service: string, method: string, features: readonly string[]]

const methods: readonly Method[] = [
  [streams, 'append', []],
  [streams, 'batchappend', ['deadline_duration']],
  [streams, 'delete', []],
  [streams, 'read', ['position', 'events']],
  [streams, 'tombstone', []],
  ...['create', 'update', 'delete', 'read', 'getinfo', 'replayparked', 'list', 'restartsubsystem'].map(
    (method) => [persistent, method, ['stream', 'all']] as const,
  ),
  ...['create', 'update', 'delete', 'disable', 'enable', 'details', 'changepassword', 'resetpassword'].map(
    (method) => ['event_store.client.users.users', method, []] as const,
  ),
  ['event_store.client.gossip.gossip', 'read', []],
  ['event_store.client.monitoring.monitoring', 'stats', []],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
]

const projections = 'event_store.client.projections.projections'
const projectionMethods: readonly Method[] = [
  [projections, 'create', ['track_emitted_streams']],
  ...[
    'update',
    'delete',
    'statistics',
    'disable',
    'enable',
    'reset',
    'state',
    'result',
    'restartsubsystem',
  ].map((method) => [projections, method, []] as const),
]

/** What clients ask first, to know which calls they may make. */
export function supportedMethods(has: { readonly projections: boolean }): Handler {
  const supported = has.projections ? [...methods, ...projectionMethods] : methods
  return unary(() => {
    const writer = protobuf.Writer.create()
    for (const [service, method, features] of supported) {
      writer.uint32(0x0a).fork().uint32(0x0a).string(method).uint32(0x12).string(service)
      for (const feature of features) writer.uint32(0x1a).string(feature)
      writer.ldelim()
    }
    return writer.uint32(0x12).string(serverVersion).finish()
  })
}
