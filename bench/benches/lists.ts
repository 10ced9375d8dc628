import { randomUUID } from 'node:crypto'
import { httpClient } from '../../client/http.ts'
import { operations } from '../../client/operations.ts'
import type { Operations } from '../../client/operations.ts'
import { UserId } from '../../domain/ids.ts'
import type { System } from '../../start/system.ts'
import { withDirectory, withSystem } from '../bench.ts'
import type { Bench, Run } from '../bench.ts'
import { explaining } from '../explain.ts'
import type { Examined } from '../explain.ts'
import { FILLED, filling } from '../filling.ts'
import type { Filled } from '../filling.ts'
import { latencies } from '../latencies.ts'
import type { Latencies } from '../latencies.ts'
import { adminLists, ownLists, readerOf } from '../listCases.ts'
import type { ListCase, Reader } from '../listCases.ts'
import { paced } from '../pace.ts'
import { rebuildIn } from '../rebuilding.ts'
import { figure } from '../report.ts'
import type { Sheet } from '../report.ts'

const DATABASE = 'counterfoil'
/** Queries a second, without `--rate`. */
const RATE = 200
const CONNECTIONS = 16
const MAX_UNDER_WAY = 1_000
/** Customers with few orders that are asked about. */
const OCCASIONAL = 500

/** How long a page of a list takes when there are very many orders. */
export const lists: Bench = {
  about: 'pages of orders and wallet entries through the API, at a fixed rate, where there are very many',
  run: (run) =>
    withDirectory(async (dataDir) => {
      const filled = await withSystem(run, { dataDir, services: [], env: FILLED }, async (system) => {
        const filled = await filling(run, system, { orders: run.options.orders })
        await rebuildIn(run, system, { database: DATABASE, filled })
        return filled
      })
      await withSystem(run, { dataDir, services: ['projections', 'api'], env: FILLED }, (system) =>
        measure(run, system, filled),
      )
    }),
}

const measure = async (run: Run, system: System, filled: Filled): Promise<void> => {
  const http = httpClient(system.addresses.graphql, CONNECTIONS)
  const explain = await explaining(system.addresses.mongodb, DATABASE)
  const api = operations(http)
  const sheet = run.report.sheet(
    'lists',
    `lists, ${figure(filled.orders)} orders`,
    'asked',
    'p50 ms',
    'p99 ms',
    'max ms',
    'documents examined',
    'keys',
  )
  const measured = async <Asking>(
    cases: readonly ListCase<Asking>[],
    people: readonly Asking[],
    of: string,
  ) => {
    await askAll(run, run.options['warm-up'], api, cases, people)
    for (const listCase of cases) {
      const times = await askAll(run, run.options.seconds, api, [listCase], people)
      const [first] = people
      const examined = first && (await explain.of((models) => listCase.read(models, first)))
      tell(sheet, `${listCase.name}${of}`, times, examined)
    }
  }

  const few = filled.occasional.filter(({ orders }) => orders > 0).slice(0, OCCASIONAL)
  for (const customers of [filled.regulars, few]) {
    const readers: Reader[] = []
    for (const customer of customers) readers.push(await readerOf(api, customer))
    const most = Math.max(...customers.map(({ orders }) => orders))
    await measured(ownLists, readers, `, of up to ${figure(most)}`)
  }
  await measured(adminLists, [{ id: UserId.parse(randomUUID()) }], '')
  await explain.close()
  await http.close()
}

/** Everybody in turn for one list after another at a fixed rate, timed from when each was due. */
const askAll = async <Asking>(
  { options }: Run,
  seconds: number,
  api: Operations,
  cases: readonly ListCase<Asking>[],
  people: readonly Asking[],
): Promise<Latencies> => {
  const times = latencies()
  const pace = { rate: options.rate ?? RATE, seconds, maxUnderWay: MAX_UNDER_WAY }
  await paced(pace, async (due, turn) => {
    const [listCase, asking] = [cases[turn % cases.length], people[turn % people.length]]
    if (!listCase || !asking) throw new Error('nothing to ask, or nobody to ask for')
    await listCase.ask(api, asking)
    times.add(performance.now() - due)
  })
  return times
}

const tell = (sheet: Sheet, name: string, times: Latencies, examined: Examined | undefined): void => {
  const [p50, p99, max] = [times.percentile(50), times.percentile(99), times.max()]
  sheet.row(
    { list: name, asked: times.count(), p50, p99, max, examined },
    name,
    figure(times.count()),
    ...[p50, p99, max].map((ms) => figure(ms, 1)),
    examined ? figure(examined.documents) : '',
    examined ? figure(examined.keys) : '',
  )
}
