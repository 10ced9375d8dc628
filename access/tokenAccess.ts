import type { EventStoreDBClient } from '@eventstore/db-client'
import { isUnreadable } from '../eventstore/catchUp.ts'
import type { Met } from '../eventstore/catchUp.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { topic } from '../service/topic.ts'
import type { Access } from './access.ts'
import { byToken } from './byToken.ts'
import type { Keys } from './keys.ts'
import { standing, whyRevoked } from './standing.ts'
import type { RevokingEvent, Standing } from './standing.ts'
import { createStandings } from './standings.ts'
import { verifierOf } from './token.ts'
import type { Viewer } from './viewer.ts'

export interface TokenAccessOptions {
  readonly client: EventStoreDBClient
  readonly keys: Keys
  /** The issuer of the tokens; its origin is that of our own pages. */
  readonly publicUrl: string
  readonly now: () => Date
}

/** `AUTH_MODE=jwt`, and what it has to be told of the log. */
export interface TokenAccess extends Access {
  /** All that is appended from now on will be told; nobody is let in before, as they may have signed out. */
  readonly begin: () => void
  readonly tell: (event: Met<RevokingEvent>) => void
  /** Throws `Unavailable` before that. */
  readonly mustHaveBegun: () => void
}

export const tokenAccess = ({ client, keys, publicUrl, now }: TokenAccessOptions): TokenAccess => {
  const standings = createStandings(client, now)
  const watching = topic<Standing>()
  let hasBegun = false

  const mustHaveBegun = () => {
    if (!hasBegun) throw new Unavailable('it is not known yet who has signed out')
  }
  const whyOver = async (viewer: Viewer): Promise<string | undefined> => {
    mustHaveBegun()
    return whyRevoked(await standings.of(viewer.id), viewer)
  }

  return {
    mode: 'jwt',
    begin: () => (hasBegun = true),
    mustHaveBegun,

    tell: (event) => {
      const user = event.stream.slice(standing.category.length + 1)
      const watchers = watching.of(user)
      if (isUnreadable(event)) {
        standings.forget(user)
        for (const watcher of watchers ?? []) watcher.fail(event.fault)
      } else {
        standings.tell(user, event)
        if (watchers) watching.push(watchers, standing.evolve(standing.initial, event))
      }
    },

    authenticate: byToken({
      verify: verifierOf({ keys, issuer: publicUrl, now }),
      whyOver,
      origin: new URL(publicUrl).origin,
    }),

    onceOver: (viewer, tell) => {
      const end = (why: string) => {
        if (leave()) tell(why)
      }
      const check = (why: string | undefined) => {
        if (why !== undefined) end(why)
      }
      const unchecked = () => end('It cannot be checked at the moment whether you may go on: come again.')
      const left = watching.add(viewer.id, {
        push: (news) => check(whyRevoked(news, viewer)),
        fail: unchecked,
      })
      const expiry = setTimeout(
        () => end('Your access token has expired: come again with a new one.'),
        (viewer.session?.expiresAt.getTime() ?? 0) - now().getTime(),
      )
      let hasLeft = false
      const leave = (): boolean => {
        if (hasLeft) return false
        hasLeft = true
        clearTimeout(expiry)
        left()
        return true
      }
      // What was told between letting them in and now.
      whyOver(viewer).then(check, unchecked)
      return leave
    },
  }
}
