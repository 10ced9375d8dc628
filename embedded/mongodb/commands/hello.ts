import { largestDocument } from '../engine/collection.ts'
import { largestMessage } from '../wire/framing.ts'
import type { Arguments } from './arguments.ts'
import { mostWritesPerBatch, serverVersion, wireVersion, type Commands, type Context } from './command.ts'
import { ok } from './replies.ts'
import type { RawDocument } from '../bson/types.ts'

export const handshakeCommands: Commands = {
  hello: (args, context) => hello(args, context),
  ismaster: (args, context) => hello(args, context),
  isMaster: (args, context) => hello(args, context),
  ping: () => ok(),
  buildInfo: () => buildInfo(),
  buildinfo: () => buildInfo(),
  // Sessions carry no state here, so there is nothing to end.
  endSessions: () => ok(),
  refreshSessions: () => ok(),
  connectionStatus: () =>
    ok({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] } }),
}

/** A standalone server. No topologyVersion: a driver then polls, and needs no hello that waits. */
function hello(args: Arguments, { connectionId }: Context): RawDocument {
  return ok({
    helloOk: true,
    ismaster: true,
    ...(args.has('hello') && { isWritablePrimary: true }),
    maxBsonObjectSize: largestDocument,
    maxMessageSizeBytes: largestMessage,
    maxWriteBatchSize: mostWritesPerBatch,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: wireVersion,
    readOnly: false,
  })
}

function buildInfo(): RawDocument {
  return ok({
    version: serverVersion,
    versionArray: serverVersion.split('.').map(Number).concat(0),
    gitVersion: 'counterfoil-embedded',
    modules: [],
    bits: 64,
    debug: false,
    maxBsonObjectSize: largestDocument,
    storageEngines: ['lmdb'],
  })
}
