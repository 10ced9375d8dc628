import { randomUUID } from 'node:crypto'
import { httpClient } from '../../client/http.ts'
import { operations } from '../../client/operations.ts'
import { withSystem } from '../bench.ts'
import type { Bench } from '../bench.ts'
import { latencies } from '../latencies.ts'
import type { Latencies } from '../latencies.ts'
import { personWith, showing } from '../ownWrites.ts'
import type { Change, Person, Showing } from '../ownWrites.ts'
import { figure } from '../report.ts'
import type { Sheet } from '../report.ts'

const CLIENTS = [16]
/** Milliseconds in which a change must be readable without its token, too. */
const PATIENCE = 10_000

/** That nobody who brings a token reads what is older, what the token costs, and what would be without it. */
export const consistency: Bench = {
  about: 'changes that are read at once, with their token and without',
  run: async (run) => {
    const { options, report } = run
    const wait = ['pairs', 'stale', 'wait p50 ms', 'p90 ms', 'p99 ms', 'max ms']
    const withToken = report.sheet('consistency, with token', 'read with the token', ...wait)
    const lag = ['pairs', 'stale at first', 'lag p50 ms', 'p90 ms', 'p99 ms', 'max ms']
    const without = report.sheet('consistency, without token', 'read without it', ...lag)
    await withSystem(run, {}, async (system) => {
      for (const clients of options.clients ?? CLIENTS) {
        const http = httpClient(system.addresses.graphql, clients)
        const api = operations(http)
        const people = await Promise.all(
          Array.from({ length: clients }, () =>
            personWith(randomUUID(), { writes: api, reads: api, newKey: randomUUID }),
          ),
        )
        const stale = tell(withToken, clients, await pairs(people, options.pairs, waitOf))
        tell(without, clients, await pairs(people, options.pairs, lagOf))
        await http.close()
        if (stale > 0) throw new Error(`${stale} answers were older than the token that they were asked with`)
      }
    })
  },
}

/** How one change was read. */
interface Read {
  readonly stale: boolean
  readonly ms: number
}

interface Tally {
  stale: number
  readonly times: Latencies
}

/**
 * With the token: stale if the answer is older all the same. What it waited for is the time that the same query
 * takes less when it is asked again, as there is nothing to wait for then.
 */
const waitOf = async ({ token, isShown }: Change): Promise<Read> => {
  const begun = performance.now()
  const first = await isShown(token)
  const between = performance.now()
  const again = await isShown(token)
  const waited = 2 * between - begun - performance.now()
  return { stale: !first || !again, ms: Math.max(0, waited) }
}

/** Without it: stale if the first answer is older. Lags until an answer that shows the change is there. */
const lagOf = async ({ isShown }: Change): Promise<Read> => {
  const begun = performance.now()
  const first = await isShown()
  for (let shown = first; !shown; shown = await isShown())
    if (performance.now() - begun > PATIENCE) throw new Error(`not readable after ${PATIENCE} ms`)
  return { stale: !first, ms: performance.now() - begun }
}

/** So many pairs of a change and its query, by everybody at the same time, each in turn through all queries. */
const pairs = async (
  people: readonly Person[],
  count: number,
  read: (change: Change) => Promise<Read>,
): Promise<ReadonlyMap<Showing, Tally>> => {
  const tallies = new Map(showing.map((query) => [query, { stale: 0, times: latencies() }]))
  let left = count
  const work = async (person: Person) => {
    for (let turn = 0; left > 0; turn++) {
      left--
      const query = showing[turn % showing.length] ?? 'order'
      const { stale, ms } = await read(await person.change(query))
      const tally = tallies.get(query)
      tally?.times.add(ms)
      if (tally && stale) tally.stale++
    }
  }
  await Promise.all(people.map(work))
  return tallies
}

/** A row for each query; answers how many were stale. */
const tell = (sheet: Sheet, clients: number, tallies: ReadonlyMap<Showing, Tally>): number => {
  for (const [query, { stale, times }] of tallies) {
    const [p50, p90, p99] = [times.percentile(50), times.percentile(90), times.percentile(99)]
    const pairs = times.count()
    sheet.row(
      { query, clients, pairs, stale, p50, p90, p99, max: times.max() },
      `${query}, ${clients} clients`,
      figure(pairs),
      figure(stale),
      ...[p50, p90, p99, times.max()].map((ms) => figure(ms, 1)),
    )
  }
  return [...tallies.values()].reduce((sum, { stale }) => sum + stale, 0)
}
