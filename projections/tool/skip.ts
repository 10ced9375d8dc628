import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { begin } from '../../eventstore/metadata.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { Reason } from '../events.ts'
import { skip, skipping } from '../skipping.ts'
import { readStates } from '../state.ts'

export interface SkipOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly name: string
  readonly reason: string
  /** What follows the event in its stream, too. */
  readonly andFollowing: boolean
  /** Who decides so. */
  readonly actor: string
  readonly now: () => Date
  readonly newId: () => string
}

/** Leaves out the event that a projection has stopped at, and answers what was decided, in words. */
export const skipStopped = async (options: SkipOptions): Promise<string> => {
  const { client, db, name, andFollowing, actor, now, newId } = options
  const reason = Reason.parse(options.reason)
  const stopped = (await readStates(db)).get(name)?.stopped
  if (!stopped) throw new NothingToSkip(`${name} has not stopped: there is nothing to skip`)
  const { stream, revision, position, type } = stopped
  const event = { projection: name, stream, revision, position, type, andFollowing, reason }
  const cause = begin(newId(), actor)
  await writerOf(skipping, { client, now, newId }).transact(name, skip(event), { cause })
  const following = andFollowing ? ' and all that follow it in its stream' : ''
  return `${name} goes on without ${type} ${revision}@${stream}${following}`
}

/** There is no event that holds the projection up. */
export class NothingToSkip extends Error {
  override readonly name = 'NothingToSkip'
}
