import type { EventStoreDBClient } from '@eventstore/db-client'
import { createLocalJWKSet } from 'jose'
import type { Db } from 'mongodb'
import { randomBytes } from 'node:crypto'
import type { Access } from '../access/access.ts'
import type { Keys } from '../access/keys.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { writerOf } from '../eventstore/transact.ts'
import { publicUrlOf } from '../service/config.ts'
import type { AccessSettings } from '../service/config.ts'
import { rateLimit } from '../service/rateLimit.ts'
import type { Service } from '../service/run.ts'
import { untilUp } from '../service/untilUp.ts'
import { attemptsOf } from './attemptCookie.ts'
import { devicesIn } from './devices.ts'
import { googleSignIn } from './google.ts'
import { cookiesFor } from './http/cookies.ts'
import { servePeople } from './http/serve.ts'
import { profilesIn } from './profiles.ts'
import type { Profiles } from './profiles.ts'
import { sessionsOf } from './sessions.ts'
import { isPrivate } from './settings.ts'
import type { PeopleSettings } from './settings.ts'
import { signingKeysOf } from './signingKeys.ts'
import { accessTokens } from './tokens.ts'
import { user } from './user.ts'

type Part = Pick<
  Service<AccessSettings & PeopleSettings>,
  'settings' | 'http' | 'log' | 'now' | 'newId' | 'signal' | 'check' | 'work'
>

export interface PeopleOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  /** Requests a second that one address may make to `/auth/…`. */
  readonly perSecond?: number
}

/** Requests a second to `/auth/…` that one address may make: an office signs in at nine. */
const PER_SECOND = 20

export interface People {
  readonly profiles: Profiles
  /** By which our own tokens are verified, without asking ourselves over HTTP. */
  readonly keys: Keys
  /** Adds the routes; `access` says who is asking. */
  readonly serve: (access: Access) => void
}

/** `AUTH_MODE=jwt`: people sign in here, and are given tokens. Throws where a setting that it takes is missing. */
export const peopleFor = async (
  service: Part,
  { client, db, perSecond = PER_SECOND }: PeopleOptions,
): Promise<People> => {
  const { settings, http, log, now, newId, signal, check, work } = service
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret, GOOGLE_ISSUER } = settings
  if (!clientId || !clientSecret || !settings.AUTH_SIGNING_KEYS)
    throw new Error('AUTH_MODE=jwt takes GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and AUTH_SIGNING_KEYS')
  const publicUrl = publicUrlOf(settings)
  const keys = await signingKeysOf(settings.AUTH_SIGNING_KEYS)
  const tokens = accessTokens({ keys, issuer: publicUrl, now, newId })
  const profiles = profilesIn(db)
  const devices = devicesIn(db)
  const redirectUri = `${publicUrl}/auth/google/callback`
  log.info({ issuer: GOOGLE_ISSUER, redirectUri, signingKey: keys[0].kid }, 'people sign in')

  if (!isPrivate(new URL(publicUrl)))
    log.warn({ publicUrl }, 'PUBLIC_URL is not https: whoever is between people and us can read their tokens')

  let isPrepared = false
  const isReady = () => {
    if (!isPrepared) throw new Unavailable('the index of people is not there yet')
  }
  const prepare = async () => {
    await untilUp(
      'the index of people',
      async () => {
        await profiles.prepare()
        await devices.prepare()
      },
      { signal, log },
    )
    isPrepared = true
    await untilAborted(signal)
  }
  check({ name: 'people', run: () => Promise.resolve().then(isReady) })
  work('people', prepare())

  return {
    profiles,
    keys: createLocalJWKSet(tokens.jwks()),
    serve: (access) =>
      servePeople(http, {
        google: googleSignIn({
          issuer: GOOGLE_ISSUER,
          clientId,
          clientSecret,
          redirectUri,
          clock: () => performance.now(),
        }),
        attempts: attemptsOf({ keys, issuer: publicUrl, now }),
        sessions: sessionsOf({
          users: writerOf(user, { client, now, newId }),
          profiles,
          devices,
          tokens,
          adminEmail: settings.ADMIN_EMAIL,
          now,
          newId,
          random: randomBytes,
        }),
        profiles,
        tokens,
        cookies: cookiesFor(publicUrl),
        access,
        limit: rateLimit({ perSecond, clock: () => performance.now(), of: 'requests about signing in' }),
        publicUrl,
        isReady,
      }),
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
