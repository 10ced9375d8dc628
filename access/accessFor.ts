import { isIPv4 } from 'node:net'
import type { EventStoreDBClient } from '@eventstore/db-client'
import { isUnreadable } from '../eventstore/catchUp.ts'
import { publicUrlOf } from '../service/config.ts'
import type { AccessSettings } from '../service/config.ts'
import type { Service } from '../service/run.ts'
import { headerAccess } from './access.ts'
import type { Access } from './access.ts'
import { followRevocations } from './follow.ts'
import { keysAt } from './keys.ts'
import type { Keys } from './keys.ts'
import { tokenAccess } from './tokenAccess.ts'

type Part = Pick<Service<AccessSettings>, 'settings' | 'log' | 'now' | 'signal' | 'check' | 'work'>

export interface AccessOptions {
  readonly client: EventStoreDBClient
  /** Of whoever issues the tokens; fetched from there if not given. */
  readonly keys?: Keys
}

/** Who is asking a service, as `AUTH_MODE` says. */
export const accessFor = (service: Part, { client, keys }: AccessOptions): Access => {
  const { settings, log, now, signal, check, work } = service
  if (settings.AUTH_MODE === 'header') {
    if (!isLoopback(settings.HOST))
      log.warn(
        { host: settings.HOST },
        'AUTH_MODE=header: whoever reaches this port may say that they are anybody, an admin too. Let nobody but a gateway reach it that sets X-User-ID and X-User-Role itself.',
      )
    return headerAccess
  }
  const publicUrl = publicUrlOf(settings)
  const access = tokenAccess({
    client,
    keys: keys ?? keysAt(settings.AUTH_JWKS_URL ?? `${publicUrl}/.well-known/jwks.json`),
    publicUrl,
    now,
  })
  check({ name: 'sign-outs', run: () => Promise.resolve().then(access.mustHaveBegun) })
  work(
    'sign-outs',
    followRevocations({
      client,
      signal,
      log,
      begin: access.begin,
      tell: (event) => {
        if (isUnreadable(event))
          log.error({ err: event.fault, stream: event.stream }, 'an event that may end somebody’s access')
        access.tell(event)
      },
    }),
  )
  return access
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
