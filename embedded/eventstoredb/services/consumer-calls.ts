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
import { GroupClient } from '../persistent/client.ts'
import type { NackAction } from '../persistent/consumer-group.ts'
import { originalOf, type Message } from '../persistent/message.ts'
import type { GroupRegistry } from '../persistent/registry.ts'
import type { RunningGroup } from '../persistent/running-group.ts'
import { groupKey } from '../persistent/settings.ts'
import { accessDenied, demand, type Access } from '../security/access.ts'
import { groupDoesNotExist, groupDropped, maximumSubscribersReached } from './group-errors.ts'

type Connect = Extract<ConsumerMessage, { kind: 'connect' }>

interface Connection {
  readonly call: Call
  readonly group: RunningGroup
  readonly client: GroupClient
}

const nackActions: readonly NackAction[] = ['unknown', 'park', 'retry', 'skip', 'stop']

/** PersistentSubscriptions.Read: the consumers that are connected, and to which groups. */
export class ConsumerCalls {
  readonly #groups: GroupRegistry
  readonly #access: Access
  readonly #connections = new Set<Connection>()

  constructor(groups: GroupRegistry, access: Access) {
    this.#groups = groups
    this.#access = access
  }

  readonly handler: Handler = (call) => {
    let connection: Connection | undefined
    call.onMessages(
      (message) => {
        const decoded = decodeConsumerMessage(message)
        if (decoded?.kind === 'connect') {
          if (connection === undefined) connection = this.#connect(call, decoded)
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

  /** Ends the calls of one group's consumers. */
  drop(name: { readonly stream: string; readonly group: string }): void {
    for (const connection of this.#connections) {
      const { stream, group } = connection.group.config
      if (groupKey(stream, group) === groupKey(name.stream, name.group)) this.#drop(connection)
    }
  }

  dropAll(): void {
    for (const connection of this.#connections) this.#drop(connection)
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection)
    connection.call.end(groupDropped(connection.group.config))
  }

  #connect(call: Call, connect: Connect): Connection {
    demand(this.#access.allowsStream(call.principal, 'read', connect.stream))
    const group = this.#groups.get(connect.stream, connect.group)
    if (group === undefined) throw new StatusError(groupDoesNotExist(connect))
    if (group.consumers.isFull) throw new StatusError(maximumSubscribersReached(connect))
    // As for readers, a link leads nowhere for whom its target is closed.
    const isOpen = ({ event, link }: Message): boolean =>
      event === undefined ||
      link === undefined ||
      this.#access.allowsStream(call.principal, 'read', event.stream)
    const toFrame = framing(connect.structuredIds, isOpen)
    const client = new GroupClient(call.connectionName, connect.bufferSize, Date.now(), (message) => {
      group.rate.count()
      call.send(toFrame(message))
    })
    const connection = { call, group, client }
    this.#connections.add(connection)
    call.send(consumerConfirmationFrame(groupKey(connect.stream, connect.group)))
    call.onClosed(this.#access.onRevoked(call.principal, connect.stream, () => call.end(accessDenied)))
    call.onClosed(() => {
      this.#connections.delete(connection)
      group.leave(client)
    })
    group.join(client)
    return connection
  }
}

function answer({ group, client }: Connection, message: Exclude<ConsumerMessage, Connect>): void {
  if (message.kind === 'ack') group.ack(client, message.ids)
  else group.nack(client, message.ids, nackActions[message.action] ?? 'unknown', message.reason)
}

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
