import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'

import { RpcServer, type Handlers } from './grpc/server.ts'
import { healthRoutes } from './http/health.ts'
import { httpSite } from './http/site.ts'
import { AllReader } from './log/all-reader.ts'
import { DiskFiles } from './log/files/disk-files.ts'
import { lockDirectory } from './log/files/directory-lock.ts'
import { MemoryFiles } from './log/files/memory-files.ts'
import type { Files } from './log/files/store-file.ts'
import { EventLog } from './log/event-log.ts'
import { seed } from './log/seed.ts'
import { StreamReader } from './log/stream-reader.ts'
import { GroupRegistry } from './persistent/registry.ts'
import { openAccess } from './security/access.ts'
import { append } from './services/append.ts'
import { batchAppend } from './services/batch-append.ts'
import type { NodeContext } from './services/context.ts'
import { ConsumerCalls } from './services/consumer-calls.ts'
import { deleteStream, tombstoneStream } from './services/delete.ts'
import { supportedMethods } from './services/features.ts'
import { gossip, type Member } from './services/gossip.ts'
import { managementHandlers } from './services/persistent-manage.ts'
import { read } from './services/read.ts'

export interface NodeOptions {
  /** 0 or absent: any free port. */
  readonly port?: number
  readonly host?: string
  /** Directory of the data; absent: they are kept in memory, and gone when the node stops. */
  readonly db?: string
  /** Told what a person should know of: an append cut short by a crash, for example, or a failing disk. */
  readonly report?: (what: string) => void
}

/** An EventStoreDB node in this process. */
export class EventStoreDBNode {
  readonly host: string
  readonly port: number
  readonly #close: () => Promise<void>
  #stopped: Promise<void> | undefined

  private constructor(host: string, port: number, close: () => Promise<void>) {
    this.host = host
    this.port = port
    this.#close = close
  }

  static async start(options: NodeOptions = {}): Promise<EventStoreDBNode> {
    const host = options.host ?? '127.0.0.1'
    // What is set up here is taken down in reverse: now if something fails, else when the node stops.
    await using setup = new AsyncDisposableStack()
    const files = await filesOf(options, setup)
    const log = await EventLog.open(files, options.report === undefined ? {} : { report: options.report })
    setup.defer(() => log.close())
    if (log.lastPosition === 0) await seed(log)

    const context = { log, all: new AllReader(log), streams: new StreamReader(log), access: openAccess }
    const groups = new GroupRegistry(context)
    setup.defer(() => groups.stop())
    let port = 0
    const member = { instanceId: randomUUID(), host: dialable(host), port: () => port }
    const site = httpSite([healthRoutes(() => true)])
    const server = new RpcServer(handlers(context, member, groups), site, context.access)
    port = await server.listen(options.port ?? 0, host)
    setup.defer(() => server.close())
    // Appends that have been taken are answered before their calls are ended.
    setup.defer(() => new Promise<void>((resolve) => log.whenDurable(resolve)))

    const resources = setup.move()
    return new EventStoreDBNode(host, port, () => resources.disposeAsync())
  }

  get connectionString(): string {
    return `esdb://${dialable(this.host)}:${this.port}?tls=false`
  }

  /** Finishes what is being written, tells clients to reconnect, and closes the database. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }
}

async function filesOf({ db }: NodeOptions, setup: AsyncDisposableStack): Promise<Files> {
  if (db === undefined) return new MemoryFiles()
  await mkdir(db, { recursive: true })
  setup.defer(await lockDirectory(db))
  return DiskFiles.at(db)
}

/** Where clients on this machine find a node that listens everywhere. */
const dialable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host)

function handlers(context: NodeContext, member: Member, groups: GroupRegistry): Handlers {
  const { log } = context
  const consumers = new ConsumerCalls(groups)
  const streams = '/event_store.client.streams.Streams'
  const persistent = '/event_store.client.persistent_subscriptions.PersistentSubscriptions'
  const all = new Map([
    ['/event_store.client.server_features.ServerFeatures/GetSupportedMethods', supportedMethods],
    ['/event_store.client.gossip.Gossip/Read', gossip(member)],
    [`${streams}/BatchAppend`, batchAppend(log)],
    [`${streams}/Append`, append(log)],
    [`${streams}/Read`, read(context)],
    [`${streams}/Delete`, deleteStream(log)],
    [`${streams}/Tombstone`, tombstoneStream(log)],
    [`${persistent}/Read`, consumers.handler],
  ])
  for (const [method, handler] of managementHandlers(context, groups, consumers)) {
    all.set(`${persistent}/${method}`, handler)
  }
  return all
}
