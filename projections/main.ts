import { z } from 'zod'
import { processSettings, settings } from '../service/config.ts'
import { runService } from '../service/run.ts'
import { databaseFor, eventStoreFor } from '../service/stores.ts'
import { foldables } from './all.ts'
import { projectionMetrics } from './metrics.ts'
import { runProjections } from './runner.ts'

await runService({
  name: 'projections',
  env: process.env,
  settings: z.object({
    ...processSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL,
    MONGODB_URL: settings.MONGODB_URL,
    MONGODB_DATABASE: settings.MONGODB_DATABASE,
    PROJECTIONS_PORT: settings.PROJECTIONS_PORT,
  }),
  port: ({ PROJECTIONS_PORT }) => PROJECTIONS_PORT,
  start: (service) => {
    const client = eventStoreFor(service)
    const db = databaseFor(service)
    const { observer, checks } = projectionMetrics(service)
    for (const check of checks) service.check(check)
    service.work(
      'projections',
      runProjections({
        client,
        db,
        projections: foldables,
        now: service.now,
        newId: service.newId,
        signal: service.signal,
        observer,
      }),
    )
  },
})
