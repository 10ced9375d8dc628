import { withSystem } from '../bench.ts'
import type { Bench } from '../bench.ts'
import { FILLED, filling } from '../filling.ts'
import type { Memory } from '../memory.ts'
import { rateBetween } from '../progress.ts'
import { rebuildIn } from '../rebuilding.ts'
import { byProcess, figure } from '../report.ts'

const DATABASE = 'counterfoil_rebuild'

/** How fast the read models are made anew from a long log, and whether that gets slower as they grow. */
export const rebuild: Bench = {
  about: 'all read models from a long log, in a process of its own',
  run: async (run) => {
    const { options, report } = run
    await withSystem(run, { services: [], env: FILLED }, async (system) => {
      const filled = await filling(run, system, { events: options.events })
      const { progress, cpu, memory } = await rebuildIn(run, system, { database: DATABASE, filled })
      const folding = rateBetween(progress, 0, 1)
      const [first, middle, last] = [
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
          'events/s',
          'folding',
          'first tenth',
          'up to the half',
          'last tenth',
          'CPU, % of a core',
        )
        .row(
          { events, eventsPerSecond: whole, folding, first, middle, last, cpu, memory },
          `${figure(events)} events`,
          ...[whole, folding, first, middle, last].map((rate) => figure(rate)),
          byProcess(cpu),
        )
      const sheet = report.sheet('rebuild, memory', 'memory after it', 'MB', 'at most', 'of it mapped files')
      for (const [name, { now, peak, mapped }] of Object.entries<Memory>(memory))
        sheet.row({ process: name, now, peak, mapped }, name, ...[now, peak, mapped].map((mb) => figure(mb)))
    })
  },
}
