import { randomUUID } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'

import { RpcServer, type Handlers } from './grpc/server.ts'
import { metered } from './http/metrics/metered-handlers.ts'
import { MeteredAllReader, MeteredStreamReader } from './http/metrics/metered-readers.ts'
import { Meters } from './http/metrics/meters.ts'
import type { About } from './http/node/about.ts'
import { CpuMeter } from './http/node/cpu.ts'
import { flat, statsOf } from './http/node/stats.ts'
import { apiRoutes } from './http/routes.ts'
import { httpSite } from './http/site.ts'
import { DiskFiles } from './log/files/disk-files.ts'
import { lockDirectory } from './log/files/directory-lock.ts'
import { MemoryFiles } from './log/files/memory-files.ts'
import type { Files } from './log/files/store-file.ts'
import { EventLog } from './log/event-log.ts'
import { GroupRegistry } from './persistent/registry.ts'
import { warn, type Report } from './report.ts'
import { Projections } from './projections/projections.ts'
import { openAccess } from './security/access.ts'
import { Authenticator } from './security/authenticator.ts'
import { ensureDefaultUsers, type DefaultPasswords } from './security/default-users.ts'
import { forOperators, forProjections } from './security/guards.ts'
import { secureAccess } from './security/secure-access.ts'
import { StreamAccess } from './security/stream-access.ts'
import { checkTlsIdentity, type TlsIdentity } from './security/tls.ts'
import { Users } from './security/users.ts'
import { append } from './services/append.ts'
import { batchAppend } from './services/batch-append.ts'
import type { NodeContext } from './services/context.ts'
import { consume } from './services/consumer-calls.ts'
import { deleteStream, tombstoneStream } from './services/delete.ts'
import { serverVersion, supportedMethods } from './services/features.ts'
import { gossip, type Member } from './services/gossip.ts'
import { GroupOperations } from './services/group-operations.ts'
import { statistics, type Figures } from './services/monitoring.ts'
import { managementHandlers } from './services/persistent-manage.ts'
import { projectionHandlers } from './services/projections.ts'
import { read } from './services/read.ts'
import { userHandlers } from './services/users.ts'
import { streamBrowser } from './web/routes.ts'

export interface NodeOptions {
  /** 0 or absent: any free port. */
  readonly port?: number
  readonly host?: string
  /** Directory of the data; absent: they are kept in memory, and gone when the node stops. */
  readonly db?: string
  /** Told what a person should know of: an append cut short by a crash, damage, a failing disk; a warning if absent. */
  readonly report?: Report
  /**
   * Users have to prove who they are, and may do what they are allowed to. The passwords are those that the
   * default users get when they have none yet, `changeit` if absent; later ones are kept.
   */
  readonly auth?: true | DefaultPasswords
  /** The port then takes TLS alone. */
  readonly tls?: TlsIdentity
  /** Whether the node has projections, the system ones running unless they are disabled. As a rule it has. */
  readonly projections?: boolean
}

/** An EventStoreDB node in this process. */
export class EventStoreDBNode {
  readonly host: string
  readonly port: number
  readonly #secure: boolean
  readonly #close: () => Promise<void>
  #stopped: Promise<void> | undefined

  private constructor(address: { host: string; port: number; secure: boolean }, close: () => Promise<void>) {
    this.host = address.host
    this.port = address.port
    this.#secure = address.secure
    this.#close = close
  }

  static async start(options: NodeOptions = {}): Promise<EventStoreDBNode> {
    const { host = '127.0.0.1', auth, tls, report = warn } = options
    if (tls !== undefined) checkTlsIdentity(tls)
    // What is set up here is taken down in reverse: now if something fails, else when the node stops.
    await using setup = new AsyncDisposableStack()
    const files = await filesOf(options, setup)
    const log = await EventLog.open(files, { report })
    setup.defer(() => log.close())
    const meters = new Meters()
    setup.defer(meters.watch(log, Date.now))
    const readers = {
      log,
      all: new MeteredAllReader(log, meters),
      streams: new MeteredStreamReader(log, meters),
    }
    const users = new Users(readers)
    await ensureDefaultUsers(users, auth === true ? {} : auth)

    const access =
      auth === undefined ? openAccess : secureAccess(new Authenticator(users), new StreamAccess(readers))
    const context = { ...readers, access, report }
    const groups = new GroupRegistry(context, { report })
    setup.defer(() => groups.stop())
    const projections = options.projections === false ? undefined : await Projections.start(context)
    setup.defer(() => projections?.stop())
    let port = 0
    const member = { instanceId: randomUUID(), host: dialable(host), port: () => port }
    let ready = false
    const about: About = {
      version: serverVersion,
      startedAt: new Date(),
      now: Date.now,
      member,
      db: options.db,
      secure: tls !== undefined,
      projections: projections !== undefined,
      isReady: () => ready,
      load: () => server.load,
    }
    const browser = streamBrowser({ ...context, ...about, groups, projections })
    const site = httpSite([...apiRoutes({ context, about, meters, groups, projections }), browser.routes])
    const cpu = new CpuMeter()
    const figures = async () => flat(await statsOf({ context, about, meters, groups, cpu }))
    const parts = { member, groups, users, projections, figures }
    const services = metered(handlers(context, parts), meters)
    const server = new RpcServer({ handlers: services, pages: site, access, tls, report })
    port = await server.listen(options.port ?? 0, host)
    setup.defer(() => server.close())
    setup.defer(() => browser.stop())
    // Appends that have been taken are answered before their calls are ended.
    setup.defer(() => new Promise<void>((resolve) => log.whenDurable(resolve)))
    ready = true
    setup.defer(() => {
      ready = false
    })

    const resources = setup.move()
    const address = { host, port, secure: tls !== undefined }
    return new EventStoreDBNode(address, () => resources.disposeAsync())
  }

  get connectionString(): string {
    return `esdb://${dialable(this.host)}:${this.port}?tls=${this.#secure}`
  }

  /** Finishes what is being written, tells clients to reconnect, and closes the database. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }
}

/** What the node kept its data in before it had a log of its own. */
const formerFile = 'data.mdb'

async function filesOf({ db }: NodeOptions, setup: AsyncDisposableStack): Promise<Files> {
  if (db === undefined) return new MemoryFiles()
  await mkdir(db, { recursive: true })
  setup.defer(await lockDirectory(db))
  if ((await readdir(db)).includes(formerFile))
    throw new Error(`${db} was written by an earlier version of this node, which this one can't read.`)
  return DiskFiles.at(db)
}

/** Where clients on this machine find a node that listens everywhere. */
const dialable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host)

interface Parts {
  readonly member: Member
  readonly groups: GroupRegistry
  readonly users: Users
  readonly projections: Projections | undefined
  readonly figures: Figures
}

function handlers(context: NodeContext, parts: Parts): Handlers {
  const { member, groups, users, projections, figures } = parts
  const { access } = context
  const operations = new GroupOperations(context, groups)
  const streams = '/event_store.client.streams.Streams'
  const persistent = '/event_store.client.persistent_subscriptions.PersistentSubscriptions'
  const all = new Map([
    [
      '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
      supportedMethods({ projections: projections !== undefined }),
    ],
    ['/event_store.client.gossip.Gossip/Read', gossip(member)],
    ['/event_store.client.monitoring.Monitoring/Stats', statistics(access, figures)],
    [`${streams}/BatchAppend`, batchAppend(context)],
    [`${streams}/Append`, append(context)],
    [`${streams}/Read`, read(context)],
    [`${streams}/Delete`, deleteStream(context)],
    [`${streams}/Tombstone`, tombstoneStream(context)],
    [`${persistent}/Read`, consume(operations, access)],
  ])
  for (const [method, handler] of managementHandlers(operations)) {
    all.set(`${persistent}/${method}`, forOperators(access, handler))
  }
  for (const [method, handler] of userHandlers(access, users)) {
    all.set(`/event_store.client.users.Users/${method}`, handler)
  }
  if (projections === undefined) return all
  for (const [method, handler] of projectionHandlers(projections)) {
    all.set(`/event_store.client.projections.Projections/${method}`, forProjections(access, method, handler))
  }
  return all
}
