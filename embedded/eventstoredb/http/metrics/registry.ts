import { freemem, loadavg, totalmem } from 'node:os'

import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { GroupInfo } from '../../codec/persistent-info.ts'
import type { GroupRegistry } from '../../persistent/registry.ts'
import type { NodeContext } from '../../services/context.ts'
import { infoOf } from '../../services/group-info.ts'
import type { ServerLoad } from '../../grpc/server.ts'
import type { Meters } from './meters.ts'

export interface Measured {
  readonly context: NodeContext
  readonly meters: Meters
  readonly groups: GroupRegistry
  readonly load: () => ServerLoad
}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

/** The node's metrics; those that a real node has too are called the same. Each is made up when it is asked for. */
export function metricsRegistry({ context, meters, groups, load }: Measured): Registry {
  const registry = new Registry()
  const counter = counters(registry)
  const gauge = gauges(registry)
  const { log } = context

  counter('eventstore_io_events', 'Events read and written.', ['activity'], () => [
    [{ activity: 'read' }, meters.read.events],
    [{ activity: 'written' }, meters.written.events],
  ])
  counter('eventstore_io_bytes', 'Bytes of the events read and written.', ['activity'], () => [
    [{ activity: 'read' }, meters.read.bytes],
    [{ activity: 'written' }, meters.written.bytes],
  ])
  counter('eventstore_commits', 'Commits; one has all that was waiting for the disk.', [], () => [
    [{}, meters.commits],
  ])
  const duration = new Histogram({
    name: 'eventstore_commit_duration_seconds',
    help: 'From when the first event of a commit was accepted until all of it could be read.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
    registers: [registry],
  })
  meters.onCommit = (seconds) => duration.observe(seconds)
  gauge('eventstore_backlog_bytes', 'Bytes accepted and not yet on disk.', [], () => [[{}, log.backlog]])
  gauge('eventstore_checkpoints', 'Where the log ends.', ['name', 'read'], () => [
    [{ name: 'writer', read: 'non-flushed' }, log.visibleEnd],
  ])

  counter('eventstore_incoming_grpc_calls', 'gRPC calls.', ['kind'], () => [
    [{ kind: 'total' }, [...meters.calls.values()].reduce((sum, count) => sum + count, 0)],
  ])
  counter('eventstore_grpc_method_calls', 'gRPC calls by method.', ['method'], () =>
    [...meters.calls].map(([method, count]) => [{ method }, count]),
  )
  gauge('eventstore_current_incoming_grpc_calls', 'gRPC calls under way.', [], () => [[{}, load().calls]])
  gauge('eventstore_current_subscriptions', 'Catch-up subscriptions under way.', [], () => [
    [{}, load().subscriptions],
  ])
  gauge('eventstore_connections', 'Open connections, gRPC and HTTP/1.1.', [], () => [
    [{}, load().connections],
  ])

  const byGroup = (valueOf: (info: GroupInfo) => number) => (): Sample[] =>
    groups.all().map((group) => {
      const info = infoOf(group)
      return [{ event_stream_id: info.stream, group_name: info.group }, valueOf(info)]
    })
  const groupLabels = ['event_stream_id', 'group_name']
  gauge(
    'eventstore_persistent_sub_connections',
    'Consumers of a group.',
    groupLabels,
    byGroup(({ connections }) => connections.length),
  )
  gauge(
    'eventstore_persistent_sub_in_flight_messages',
    'Messages that consumers of a group have not answered yet.',
    groupLabels,
    byGroup(({ inFlight }) => inFlight),
  )
  gauge(
    'eventstore_persistent_sub_parked_messages',
    'Messages that a group has put aside.',
    groupLabels,
    byGroup(({ parkedCount }) => parkedCount),
  )
  counter(
    'eventstore_persistent_sub_items_processed',
    'Messages that a group has sent to consumers.',
    groupLabels,
    byGroup(({ totalItems }) => totalItems),
  )

  counter('eventstore_proc_up_time', 'Seconds that the process has been running.', ['pid'], () => [
    [{ pid: String(process.pid) }, process.uptime()],
  ])
  counter('eventstore_proc_cpu_seconds', 'Processor time that the process has used.', [], () => {
    const { user, system } = process.cpuUsage()
    return [[{}, (user + system) / 1_000_000]]
  })
  gauge('eventstore_proc_mem_bytes', 'Memory of the process.', ['kind'], () => {
    const { rss, heapUsed, external } = process.memoryUsage()
    return [
      [{ kind: 'working-set' }, rss],
      [{ kind: 'heap' }, heapUsed],
      [{ kind: 'external' }, external],
    ]
  })
  gauge('eventstore_sys_mem_bytes', 'Memory of the machine.', ['kind'], () => [
    [{ kind: 'free' }, freemem()],
    [{ kind: 'total' }, totalmem()],
  ])
  gauge('eventstore_sys_load_avg', 'Load of the machine.', ['period'], () =>
    ['1m', '5m', '15m'].map((period, index) => [{ period }, loadavg()[index] ?? 0]),
  )
  return registry
}

type Add = (
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: () => readonly Sample[],
) => void

const counters =
  (registry: Registry): Add =>
  (name, help, labelNames, samples) => {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect: () => {
        counter.reset()
        for (const [labels, value] of samples()) counter.inc(labels, value)
      },
    })
  }

const gauges =
  (registry: Registry): Add =>
  (name, help, labelNames, samples) => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect: () => {
        gauge.reset()
        for (const [labels, value] of samples()) gauge.set(labels, value)
      },
    })
  }
