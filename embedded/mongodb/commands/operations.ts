import { Int32, Long, UUID } from 'bson'
import type { Fields } from '../bson/codec.ts'
import { MongoError } from '../errors.ts'
import type { Commands, NodeFacts } from './command.ts'
import { ok } from './replies.ts'

/** Commands about running commands and about sessions, which carry no state here. */
export const operationCommands: Commands = {
  currentOp: (_, { node }) => ok({ inprog: operationsOf(node) }),

  killOp: (args, { node }) => {
    const id = args.number('op')
    // MongoDB doesn't say whether there was such an operation.
    node.usage.running.get(id)?.operation.kill()
    return ok({ info: 'attempting to kill op' })
  },

  startSession: () => ok({ id: { id: new UUID() }, timeoutMinutes: 30 }),
  endSessions: (args) => {
    args.documents('endSessions')
    return ok()
  },
  refreshSessions: () => ok(),
  killSessions: () => ok(),
  killAllSessions: () => ok(),
  killAllSessionsByPattern: () => ok(),

  /** Nothing is profiled: the level is 0, and may be set to that. */
  profile: (args) => {
    const level = args.number('profile')
    if (level > 0) throw new MongoError('BadValue', 'profiling is not supported')
    return ok({ was: 0, slowms: 100, sampleRate: 1 })
  },
}

/** As `currentOp` and `$currentOp` list them. */
export function operationsOf({ usage }: NodeFacts): Fields[] {
  return [...usage.running.values()].map(({ operation, connectionId, namespace }) => ({
    type: 'op',
    opid: new Int32(operation.id),
    active: true,
    op: 'command',
    ns: namespace,
    command: { [operation.command]: namespace.slice(namespace.indexOf('.') + 1) },
    connectionId: new Int32(connectionId),
    secs_running: Long.fromNumber(Math.floor(operation.milliseconds / 1_000)),
    microsecs_running: Long.fromNumber(Math.round(operation.milliseconds * 1_000)),
  }))
}
