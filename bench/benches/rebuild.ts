import { withSystem } from '../bench.ts'
import type { Bench, Run } from '../bench.ts'
import { FILLED, filling } from '../filling.ts'
import type { Memory } from '../memory.ts'
import { rateBetween } from '../progress.ts'
import { rebuildIn } from '../rebuilding.ts'
import type { Rebuilt } from '../rebuilding.ts'
import { byProcess, figure } from '../report.ts'

const DATABASE = 'counterfoil_rebuild'

/** How fast read models are made anew from a long log, and whether that gets slower as they grow. */
export const rebuild: Bench = {
  about: 'read models from a long log, all of them and one alone, in a process of their own',
  run: (run) =>
    withSystem(run, { services: [], env: FILLED }, async (system) => {
      const filled = await filling(run, system, { events: run.options.events })
      const all = { database: `${DATABASE}_all`, filled }
      show(run, 'all read models', await rebuildIn(run, system, all))
      const one = { database: `${DATABASE}_one`, filled, only: ['orders'] }
      show(run, 'orders alone', await rebuildIn(run, system, one))
    }),
}

const show = ({ report }: Run, what: string, { progress, cpu, memory }: Rebuilt): void => {
  const [folding, first, middle, last] = [
    rateBetween(progress, 0, 1),
    rateBetween(progress, 0, 0.1),
    rateBetween(progress, 0.4, 0.5),
    rateBetween(progress, 0.9, 1),
  ]
  const { events, ms } = progress.at(-1) ?? { events: 0, ms: 0 }
  const whole = (1_000 * events) / ms
  report
    .sheet(
      'rebuild',
      'rebuild',
      'events',
      'events/s',
      'folding',
      'first tenth',
      'up to the half',
      'last tenth',
      'CPU, % of a core',
    )
    .row(
      { what, events, eventsPerSecond: whole, folding, first, middle, last, cpu, memory },
      what,
      ...[events, whole, folding, first, middle, last].map((number) => figure(number)),
      byProcess(cpu),
    )
  const sheet = report.sheet('rebuild, memory', 'memory after it', 'MB', 'at most', 'of it mapped files')
  for (const [name, { now, peak, mapped }] of Object.entries<Memory>(memory))
    sheet.row(
      { what, process: name, now, peak, mapped },
      `${what}: ${name}`,
      ...[now, peak, mapped].map((mb) => figure(mb)),
    )
}
