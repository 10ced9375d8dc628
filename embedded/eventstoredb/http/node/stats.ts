import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'

import type { GroupRegistry } from '../../persistent/registry.ts'
import type { NodeContext } from '../../services/context.ts'
import { infoOf } from '../../services/group-info.ts'
import type { Meters } from '../metrics/meters.ts'
import type { About } from './about.ts'
import type { CpuMeter } from './cpu.ts'

interface Sources {
  readonly context: NodeContext
  readonly about: About
  readonly meters: Meters
  readonly groups: GroupRegistry
  readonly cpu: CpuMeter
}

/** A tree of numbers and texts. */
export interface Stats {
  readonly [name: string]: number | string | Stats
}

/** `/stats`: the process, the machine, and the store; a figure that a real node has too is called the same. */
export async function statsOf({ context, about, meters, groups, cpu }: Sources): Promise<Stats> {
  const { log } = context
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const percent = cpu.percent()
  const load = about.load()
  const [oneMinute = 0, fiveMinutes = 0, fifteenMinutes = 0] = loadavg()
  return {
    proc: {
      startTime: about.startedAt.toISOString(),
      id: process.pid,
      mem: rss,
      cpu: percent,
      cpuScaled: percent / availableParallelism(),
      heap: { used: heapUsed, total: heapTotal, external },
      tcp: { connections: load.connections },
    },
    sys: {
      freeMem: freemem(),
      totalMem: totalmem(),
      loadavg: { '1m': oneMinute, '5m': fiveMinutes, '15m': fifteenMinutes },
      drive: about.db === undefined ? {} : { [about.db]: await driveOf(about.db) },
    },
    es: {
      checksum: log.visibleEnd,
      checksumNonFlushed: log.visibleEnd + log.backlog,
      lastPosition: log.lastPosition,
      writer: {
        queuedBytes: log.backlog,
        commits: meters.commits,
        eventsWritten: meters.written.events,
        bytesWritten: meters.written.bytes,
      },
      reader: { eventsRead: meters.read.events, bytesRead: meters.read.bytes },
      grpc: { calls: load.calls, subscriptions: load.subscriptions },
      persistentSubscriptions: {
        groups: groups.all().length,
        consumers: groups.all().reduce((sum, group) => sum + infoOf(group).connections.length, 0),
      },
    },
  }
}

async function driveOf(directory: string): Promise<Stats> {
  const { bsize, blocks, bavail, bfree } = await statfs(directory)
  const totalBytes = blocks * bsize
  const usedBytes = (blocks - bfree) * bsize
  const usage = totalBytes === 0 ? '0%' : `${Math.round((usedBytes / totalBytes) * 100)}%`
  return { availableBytes: bavail * bsize, totalBytes, usage, usedBytes }
}

/** The same figures side by side, for collectors that take no trees: `proc-mem`. */
export function flat(stats: Stats, prefix = ''): Record<string, number | string> {
  const entries = Object.entries(stats).flatMap(([name, value]) =>
    typeof value === 'object'
      ? Object.entries(flat(value, `${prefix}${name}-`))
      : [[`${prefix}${name}`, value] as const],
  )
  return Object.fromEntries(entries)
}
