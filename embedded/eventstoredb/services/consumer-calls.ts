import {
  consumerConfirmationFrame,
  consumerEventFrame,
  decodeConsumerMessage,
  type ConsumerMessage,
} from '../codec/persistent-read.ts'
import { withStructuredId } from '../codec/structured-id.ts'
import type { Call } from '../grpc/call.ts'
import type { Handler } from '../grpc/server.ts'
import { Code, refuse, StatusError } from '../grpc/status.ts'
import type { EventRecord } from '../log/event-record.ts'
import { GroupClient, type ClientPort } from '../persistent/client.ts'
import type { NackAction } from '../persistent/consumer-group.ts'
import type { Group } from '../persistent/group.ts'
import { originalOf, type Message } from '../persistent/message.ts'
import { groupKey } from '../persistent/settings.ts'
import { accessDenied, demand, type Access } from '../security/access.ts'
import { groupDropped, groupFailed, maximumSubscribersReached } from './group-errors.ts'
import type { GroupOperations } from './group-operations.ts'

type Connect = Extract<ConsumerMessage, { kind: 'connect' }>

interface Connection {
  readonly group: Group
  readonly client: GroupClient
}

const nackActions: readonly NackAction[] = ['unknown', 'park', 'retry', 'skip', 'stop']

/** PersistentSubscriptions.Read: consumers connect to a group, are sent events, and answer to each. */
export const consume =
  (groups: GroupOperations, access: Access): Handler =>
  (call) => {
    let connection: Connection | undefined
    call.onMessages(
      (message) => {
        const decoded = decodeConsumerMessage(message)
        if (decoded?.kind === 'connect') {
          connection ??= connect(groups, access, call, decoded)
        } else if (connection === undefined) {
          refuse(Code.invalidArgument, 'The first message must carry the options.')
        } else if (decoded !== undefined) {
          answer(connection, decoded)
        }
      },
      // A half-closed consumer still gets events; it just can't ack them any more.
      () => undefined,
    )
  }

function connect(groups: GroupOperations, access: Access, call: Call, options: Connect): Connection {
  const { connectionName: name, principal } = call
  demand(access.allowsStream(principal, 'read', options.stream))
  const group = groups.toConsume(options)
  if (group.isFull) throw new StatusError(maximumSubscribersReached(options))
  const { extraStatistics } = group.config.settings
  const { bufferSize } = options
  const client = new GroupClient(
    { name, username: principal.name, bufferSize, statistics: extraStatistics },
    Date.now(),
    portOf(call, group, framing(options.structuredIds, openTo(call, access))),
  )
  call.send(consumerConfirmationFrame(groupKey(options)))
  call.onClosed(access.onRevoked(principal, options.stream, () => call.end(accessDenied)))
  call.onClosed(() => group.leave(client))
  call.onDrain(() => group.resume())
  group.join(client)
  return { group, client }
}

const portOf = (call: Call, { config }: Group, toFrame: (message: Message) => Buffer): ClientPort => ({
  get congested() {
    return call.congested
  },
  send: (message) => call.send(toFrame(message)),
  part: (parting) =>
    call.end(parting.kind === 'dropped' ? groupDropped(config) : groupFailed(config, parting.reason)),
})

function answer({ group, client }: Connection, message: Exclude<ConsumerMessage, Connect>): void {
  if (message.kind === 'ack') group.ack(client, message.ids)
  else group.nack(client, message.ids, nackActions[message.action] ?? 'unknown', message.reason)
}

/** As for readers, a link leads nowhere for whom its target is closed. */
const openTo =
  ({ principal }: Call, access: Access) =>
  ({ event, link }: Message): boolean =>
    event === undefined || link === undefined || access.allowsStream(principal, 'read', event.stream)

function framing(
  structuredIds: boolean,
  isOpen: (message: Message) => boolean,
): (message: Message) => Buffer {
  const bytesOf = (record: EventRecord | undefined): Buffer | undefined =>
    record !== undefined && structuredIds ? withStructuredId(record.bytes) : record?.bytes
  return (message) =>
    consumerEventFrame({
      event: isOpen(message) ? bytesOf(message.event) : undefined,
      link: bytesOf(message.link),
      commit: originalOf(message)?.position ?? 0,
      retryCount: message.retryCount,
    })
}
