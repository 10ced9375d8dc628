import { Int32 } from 'bson'
import type { RawDocument } from '../bson/types.ts'
import { largestDocument } from '../engine/collection.ts'
import { largestMessage } from '../wire/framing.ts'
import type { Arguments } from './arguments.ts'
import { mostWritesPerBatch, wireVersion, type Commands, type Context } from './command.ts'
import { ok } from './replies.ts'

export const handshakeCommands: Commands = {
  hello: (args, context) => hello(args, context),
  isMaster: (args, context) => hello(args, context),
  ping: () => ok(),
}

/**
 * A standalone server, so drivers ask for no retryable writes and no transactions. No topologyVersion: a driver then
 * polls, and needs no hello that waits.
 */
function hello(args: Arguments, { connectionId }: Context): RawDocument {
  return ok({
    ...(args.boolean('helloOk', false) && { helloOk: true }),
    ...(args.has('hello') ? { isWritablePrimary: true } : { ismaster: true }),
    maxBsonObjectSize: largestDocument,
    maxMessageSizeBytes: largestMessage,
    maxWriteBatchSize: mostWritesPerBatch,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: new Int32(connectionId),
    minWireVersion: 0,
    maxWireVersion: wireVersion,
    readOnly: false,
  })
}
