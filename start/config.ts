import { z } from 'zod'
import { mustBeAbleToSignIn, peopleSettings } from '../people/settings.ts'
import {
  accessSettings,
  cardSettings,
  processSettings,
  settings,
  telegramSettings,
} from '../service/config.ts'
import { documentedPorts } from './ports.ts'

/** All that `npm start` reads: its own settings, and those of the services, so that mistakes are named once. */
export const startSettings = z
  .object({
    ...processSettings,
    ...settings,
    ...cardSettings,
    ...accessSettings,
    ...peopleSettings,
    ...telegramSettings,
    EVENTSTORE_URL: settings.EVENTSTORE_URL.unwrap().optional(),
    MONGODB_URL: settings.MONGODB_URL.unwrap().optional(),
    DATA_DIR: z.string().default('.data'),
    /** Of the embedded EventStoreDB node: its system projections. */
    EVENTSTORE_PROJECTIONS: z.enum(['on', 'off']).default('on'),
    EVENTSTORE_PORT: settings.API_PORT.unwrap().default(documentedPorts.eventstore),
    STRIPE_PORT: settings.API_PORT.unwrap().default(documentedPorts.stripe),
    IDENTITY_PORT: settings.API_PORT.unwrap().default(documentedPorts.identity),
    MONGODB_PORT: settings.API_PORT.unwrap().default(documentedPorts.mongodb),
  })
  .superRefine((settings, context) => {
    // Keys are made where there are none, and the local issuer stands in where Google has not said who we are.
    const AUTH_SIGNING_KEYS = settings.AUTH_SIGNING_KEYS ?? []
    if (settings.GOOGLE_CLIENT_ID !== undefined)
      mustBeAbleToSignIn({ ...settings, AUTH_SIGNING_KEYS }, context)
  })
export type StartSettings = z.infer<typeof startSettings>
