import { z } from 'zod'
import { cardSettings, settings } from '../service/config.ts'
import { documentedPorts } from './ports.ts'

/** All that `npm start` reads: its own settings, and those of the services, so that mistakes are named once. */
export const startSettings = z.object({
  ...settings,
  ...cardSettings,
  EVENTSTORE_URL: settings.EVENTSTORE_URL.unwrap().optional(),
  MONGODB_URL: settings.MONGODB_URL.unwrap().optional(),
  DATA_DIR: z.string().default('.data'),
  /** Of the embedded EventStoreDB node: its system projections. */
  EVENTSTORE_PROJECTIONS: z.enum(['on', 'off']).default('on'),
  EVENTSTORE_PORT: settings.API_PORT.unwrap().default(documentedPorts.eventstore),
  STRIPE_PORT: settings.API_PORT.unwrap().default(documentedPorts.stripe),
  MONGODB_PORT: settings.API_PORT.unwrap().default(documentedPorts.mongodb),
})
export type StartSettings = z.infer<typeof startSettings>
