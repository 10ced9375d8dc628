import type { RawDocument } from '../bson/types.ts'
import { Operation } from '../engine/operation.ts'
import type { Store } from '../engine/store.ts'
import { MongoError, asMongoError } from '../errors.ts'
import type { Answer } from '../wire/connection.ts'
import type { Request } from '../wire/messages.ts'
import { Arguments } from './arguments.ts'
import { aggregateCommands } from './aggregate.ts'
import { bulkWriteCommands } from './bulk-write.ts'
import { collectionCommands } from './collections.ts'
import type { Command, Commands, NodeFacts } from './command.ts'
import { countCommands } from './count.ts'
import { diagnosticCommands } from './diagnostics.ts'
import { explainCommands } from './explain.ts'
import { findAndModifyCommands } from './find-and-modify.ts'
import { findCommands } from './find.ts'
import { checkGenericArguments } from './generic-arguments.ts'
import { handshakeCommands } from './hello.ts'
import { hostCommands } from './host.ts'
import { indexCommands } from './indexes.ts'
import { knownFieldsOf } from './known-fields.ts'
import { checkDatabase } from './namespace.ts'
import { operationCommands } from './operations.ts'
import { ok, refused } from './replies.ts'
import { replicationCommands } from './replication.ts'
import { statisticsCommands } from './statistics.ts'
import { collectionOfCommand } from './usage.ts'
import { userCommands } from './users.ts'
import { validateCommands } from './validate.ts'
import { writeCommands } from './writes.ts'

const families: Commands = {
  ...handshakeCommands,
  ...hostCommands,
  ...userCommands,
  ...findCommands,
  ...findAndModifyCommands,
  ...countCommands,
  ...aggregateCommands,
  ...explainCommands,
  ...diagnosticCommands,
  ...statisticsCommands,
  ...operationCommands,
  ...replicationCommands,
  ...writeCommands,
  ...bulkWriteCommands,
  ...indexCommands,
  ...collectionCommands,
  ...validateCommands,
  listCommands: () =>
    ok({ commands: Object.fromEntries([...commands.keys()].toSorted().map((name) => [name, {}])) }),
}

const commands = new Map<string, Command>(Object.entries(families))

/** Older spellings that drivers and shells still send. */
const aliases = new Map([
  ['ismaster', 'isMaster'],
  ['buildinfo', 'buildInfo'],
  ['dbstats', 'dbStats'],
  ['collstats', 'collStats'],
  ['findandmodify', 'findAndModify'],
  ['deleteIndexes', 'dropIndexes'],
])

const helloNames = new Set(['hello', 'isMaster'])

const adminOnly = new Set(
  'bulkWrite currentOp getCmdLineOpts getLog getParameter hostInfo killOp listDatabases renameCollection replSetGetConfig replSetGetStatus top'.split(
    ' ',
  ),
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
  const sent = Arguments.commandOf(request.body)
  const name = aliases.get(sent) ?? sent
  const command = commands.get(name)
  if (command === undefined) throw new MongoError('CommandNotFound', `no such command: '${sent}'`)
  if (request.legacy && !helloNames.has(name))
    throw new MongoError(
      'UnsupportedOpQueryCommand',
      `Unsupported OP_QUERY command: ${sent}. The client driver may require an upgrade.`,
    )
  node.usage.count(name)
  const args = new Arguments(name, request.body, request.sequences, knownFieldsOf(name), sent)
  const operation = new Operation(name)
  const database = request.database ?? args.string('$db')
  checkDatabase(database)
  checkGenericArguments(name, args, operation)
  if (database !== 'admin' && adminOnly.has(name))
    throw new MongoError('Unauthorized', `${name} may only be run against the admin database.`)
  const collection = collectionOfCommand(name, args)
  const namespace = `${database}.${collection ?? '$cmd'}`
  const answer = command(args, { store, node, database, connectionId, operation })
  if (answer instanceof Promise) return tracked(answer, node, operation, connectionId, namespace)
  if (collection !== undefined) node.usage.record(operation, namespace)
  return answer
}

/** A command that takes longer can be seen and killed by others. */
async function tracked(
  answer: Promise<RawDocument>,
  { usage }: NodeFacts,
  operation: Operation,
  connectionId: number,
  namespace: string,
): Promise<RawDocument> {
  usage.running.set(operation.id, { operation, connectionId, namespace })
  try {
    return await answer
  } finally {
    usage.running.delete(operation.id)
    usage.record(operation, namespace)
  }
}

function refusal(error: unknown): RawDocument {
  const known = asMongoError(error)
  if (!(error instanceof MongoError)) console.error('mongodb: unexpected', error)
  return refused(known)
}
