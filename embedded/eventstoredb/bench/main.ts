import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { z } from 'zod'

import { table } from '../../../bench/table.ts'
import { appends, catchUp, fill, reads, roundTrips, type Measured } from './measures.ts'
import { startNode, startNull, type Server } from './servers.ts'

const help = `npm run bench:eventstoredb -- [options]

  --in-flight 1,64,256  appends at a time
  --seconds 10          length of a measured run of appends
  --runs 3              runs of appends, those of the node and of the null server in turn
  --events 1000000      events in the store that is read
  --only appends,reads
  --no-projections      the node without its system projections
  --profile DIR         writes a CPU profile of every server there
  --json                one JSON line for each result instead of a table

The null server acknowledges without storing and answers reads with what it has ready, on the same transport:
what it reaches is what the official client can do on this machine.
`

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '1,64,256' },
    seconds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    events: { type: 'string', default: '1000000' },
    only: { type: 'string', default: 'appends,reads' },
    projections: { type: 'boolean', default: true },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
})
if (values.help) {
  console.log(help)
  process.exit(0)
}
const list = z.string().transform((text) => text.split(','))
const whole = z.coerce.number().int().positive()
const options = z
  .object({
    'in-flight': list.transform((items) => items.map(Number)).pipe(z.array(z.int().positive())),
    seconds: whole,
    runs: whole,
    events: whole,
    only: list.pipe(z.array(z.enum(['appends', 'reads']))),
  })
  .parse(values)

const rows: string[][] = []
function report(what: string, result: Readonly<Record<string, number>>, ...cells: string[]): void {
  if (values.json) console.log(JSON.stringify({ what, ...result }))
  else console.error([what, ...cells].join('  '))
  rows.push([what, ...cells])
}
const whole0 = (value: number): string => Math.round(value).toLocaleString('en')
const cpuCell = ({ cpuMicros }: Measured): string => `${cpuMicros.toFixed(1)} µs`

const flags = values.projections ? [] : ['--no-projections']
const serverOptions = { profile: values.profile }

async function withServer<Result>(
  starting: Promise<Server>,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  const server = await starting
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}

async function withDirectory<Result>(use: (db: string) => Promise<Result>): Promise<Result> {
  const db = await mkdtemp(join(tmpdir(), 'eventstoredb-bench-'))
  try {
    return await use(db)
  } finally {
    await rm(db, { recursive: true, force: true })
  }
}

async function benchAppends(): Promise<void> {
  for (const inFlight of options['in-flight']) {
    for (let run = 1; run <= options.runs; run += 1) {
      const most = await withServer(startNull(serverOptions), (server) =>
        appends(server, inFlight, options.seconds),
      )
      const own = await withDirectory((db) =>
        withServer(startNode(db, serverOptions, ...flags), (server) =>
          appends(server, inFlight, options.seconds),
        ),
      )
      const percent = (own.perSecond / most.perSecond) * 100
      report(
        `appends, ${inFlight} in flight`,
        { inFlight, run, perSecond: own.perSecond, nullPerSecond: most.perSecond, percent },
        `${whole0(own.perSecond)}/s`,
        `${whole0(most.perSecond)}/s`,
        `${percent.toFixed(0)} %`,
        cpuCell(own),
      )
    }
  }
}

async function benchReads(db: string): Promise<void> {
  const { events } = options
  await withServer(startNode(db, serverOptions, '--no-projections'), async (server) => {
    const begun = performance.now()
    await fill(server, events)
    const perSecond = (events / (performance.now() - begun)) * 1000
    const { now, peak } = server.memory()
    report(
      `filled with ${whole0(events)} events`,
      { events, perSecond, memoryMb: now, peakMb: peak },
      `${whole0(perSecond)}/s`,
      '',
      `${now.toFixed(0)} MB, at most ${peak.toFixed(0)} MB`,
    )
  })
  const reopened = await startNode(db, serverOptions, '--no-projections')
  await withServer(Promise.resolve(reopened), async (server) => {
    report('opened again', { startMs: server.startMs }, `${server.startMs.toFixed(0)} ms`)
    const most = await withServer(startNull(serverOptions), (other) => reads(other, events))
    const own = await reads(server, events)
    const percent = (own.perSecond / most.perSecond) * 100
    report(
      'read of $all',
      { perSecond: own.perSecond, nullPerSecond: most.perSecond, percent, cpuMicros: own.cpuMicros },
      `${whole0(own.perSecond)}/s`,
      `${whole0(most.perSecond)}/s`,
      `${percent.toFixed(0)} %`,
      cpuCell(own),
    )
    const caught = await catchUp(server, events)
    report(
      'catch-up subscription to $all',
      { perSecond: caught.perSecond, cpuMicros: caught.cpuMicros },
      `${whole0(caught.perSecond)}/s`,
      '',
      '',
      cpuCell(caught),
    )
    for (const bufferSize of [10, 200]) {
      const trips = await roundTrips(server, bufferSize, Math.min(events, 200_000))
      report(
        `persistent subscription, buffer ${bufferSize}`,
        { bufferSize, perSecond: trips.perSecond, cpuMicros: trips.cpuMicros },
        `${whole0(trips.perSecond)}/s`,
        '',
        '',
        cpuCell(trips),
      )
    }
    const { now, peak } = server.memory()
    report(
      'memory after it',
      { memoryMb: now, peakMb: peak },
      `${now.toFixed(0)} MB, at most ${peak.toFixed(0)} MB`,
    )
  })
}

if (options.only.includes('appends')) await benchAppends()
if (options.only.includes('reads')) await withDirectory(benchReads)
if (!values.json)
  console.log(table(['what', 'node', 'null server', 'of it', 'CPU of the node for one'], rows))
