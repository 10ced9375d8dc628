import { hostname } from 'node:os'
import { Int32, Long } from 'bson'
import { serverVersion, type Commands } from './command.ts'
import { ok } from './replies.ts'

const megabyte = 1_048_576

export const diagnosticCommands: Commands = {
  serverStatus: (_, { node, store }) => {
    const uptime = Date.now() - node.started.getTime()
    const { rss, heapUsed } = process.memoryUsage()
    const { current, totalCreated } = node.connections()
    const { bytesIn, bytesOut } = node.traffic()
    const counters = node.usage.operations
    return ok({
      host: `${hostname()}:${node.port}`,
      version: serverVersion,
      process: 'counterfoil-mongodb',
      pid: Long.fromNumber(process.pid),
      uptime: Math.floor(uptime / 1000),
      uptimeMillis: Long.fromNumber(uptime),
      uptimeEstimate: Long.fromNumber(Math.floor(uptime / 1000)),
      localTime: new Date(),
      connections: { current, totalCreated, active: node.usage.running.size },
      network: {
        bytesIn: Long.fromNumber(bytesIn),
        bytesOut: Long.fromNumber(bytesOut),
        numRequests: Long.fromNumber(
          [...node.usage.commands.values()].reduce((sum, count) => sum + count, 0),
        ),
      },
      opcounters: Object.fromEntries(
        Object.entries(counters).map(([name, count]) => [name, Long.fromNumber(count)]),
      ),
      metrics: {
        cursor: { open: { total: Long.fromNumber(store.cursors.open) } },
        ttl: {
          passes: Long.fromNumber(store.ttl.passes),
          deletedDocuments: Long.fromNumber(store.ttl.deletedDocuments),
        },
        commands: Object.fromEntries(
          [...node.usage.commands].map(([name, total]) => [name, { total: Long.fromNumber(total) }]),
        ),
      },
      mem: {
        bits: new Int32(64),
        resident: Math.round(rss / megabyte),
        heap: Math.round(heapUsed / megabyte),
      },
      storageEngine: { name: 'lmdb', supportsCommittedReads: true, persistent: true },
    })
  },
}
