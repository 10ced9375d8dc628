import type { RawDocument } from '../bson/types.ts'
import type { Store } from '../engine/store.ts'
import { MongoError, asMongoError } from '../errors.ts'
import type { Answer } from '../wire/connection.ts'
import type { Request } from '../wire/messages.ts'
import { Arguments } from './arguments.ts'
import { aggregateCommands } from './aggregate.ts'
import { bulkWriteCommands } from './bulk-write.ts'
import { collectionCommands } from './collections.ts'
import type { Command, NodeFacts } from './command.ts'
import { countCommands } from './count.ts'
import { diagnosticCommands } from './diagnostics.ts'
import { findAndModifyCommands } from './find-and-modify.ts'
import { findCommands } from './find.ts'
import { handshakeCommands } from './hello.ts'
import { indexCommands } from './indexes.ts'
import { refused } from './replies.ts'
import { writeCommands } from './writes.ts'

const commands = new Map<string, Command>(
  Object.entries({
    ...handshakeCommands,
    ...findCommands,
    ...findAndModifyCommands,
    ...countCommands,
    ...aggregateCommands,
    ...diagnosticCommands,
    ...writeCommands,
    ...bulkWriteCommands,
    ...indexCommands,
    ...collectionCommands,
  }),
)

/** Answers the commands of one connection. */
export function answerWith(store: Store, node: NodeFacts, connectionId: number): Answer {
  return (request) => {
    try {
      const answer = dispatch(request, store, node, connectionId)
      return answer instanceof Promise ? answer.catch(refusal) : answer
    } catch (error) {
      return refusal(error)
    }
  }
}

function dispatch(
  request: Request,
  store: Store,
  node: NodeFacts,
  connectionId: number,
): RawDocument | Promise<RawDocument> {
  const name = Arguments.commandOf(request.body)
  const command = commands.get(name)
  if (command === undefined) throw new MongoError('CommandNotFound', `no such command: '${name}'`)
  node.counters.set(name, (node.counters.get(name) ?? 0) + 1)
  const args = new Arguments(name, request.body, request.sequences)
  if (args.has('startTransaction') || args.has('autocommit'))
    throw new MongoError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    )
  const database = request.database ?? args.string('$db')
  return command(args, { store, node, database, connectionId })
}

function refusal(error: unknown): RawDocument {
  const known = asMongoError(error)
  if (!(error instanceof MongoError)) console.error('mongodb: unexpected', error)
  return refused(known)
}
