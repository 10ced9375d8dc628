import { pidsOf, withSystem } from '../bench.ts'
import type { Bench } from '../bench.ts'
import { load } from '../load.ts'
import { byProcess, figure } from '../report.ts'
import { stand } from '../stand.ts'

const CLIENTS = [1, 64, 256]

/** How many orders a second get from the mutation to a readable PAID. */
export const orders: Bench = {
  about: 'orders from the mutation to a readable PAID, each client one after another',
  run: async (run) => {
    const { options, report } = run
    const { seconds, runs, watch } = options
    const sheet = report.sheet(
      'orders',
      'orders',
      'accepted/s',
      'completed/s',
      'p50 ms',
      'p99 ms',
      'CPU, % of a core',
    )
    await withSystem(run, {}, async (system) => {
      for (const wallets of options.wallets)
        for (const clients of options.clients ?? CLIENTS) {
          const stage = await stand(system, { wallets, clients, watch })
          const results = await load({
            stand: stage,
            clients,
            warmUpSeconds: options['warm-up'],
            seconds,
            runs,
            pids: pidsOf(system),
          })
          for (const [run, result] of results.entries())
            sheet.row(
              { wallets, clients, run: run + 1, ...result },
              `${wallets === 1 ? 'hot wallet' : `${wallets} wallets`}, ${clients} clients`,
              figure(result.acceptedPerSecond),
              figure(result.completedPerSecond),
              figure(result.p50, 1),
              figure(result.p99, 1),
              byProcess(result.cpu),
            )
          await stage.close()
        }
    })
  },
}
