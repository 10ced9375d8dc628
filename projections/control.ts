import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import type { Foldable } from './folder.ts'
import { asked } from './asked.ts'
import { standings } from './standing.ts'
import type { Standing } from './standing.ts'
import { changeState, readStates } from './state.ts'
import type { ProjectionState, Request } from './state.ts'

export interface ControlOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly projections: readonly Foldable[]
  readonly now: () => Date
}

/** What those who run the read models may see and do. */
export interface Control {
  readonly names: readonly string[]
  /** Where all of them stand. */
  readonly standings: () => Promise<readonly Standing[]>
  /**
   * Asks for some to be built anew, together; whoever folds does it. A request whose id the latest one had is the
   * same request: answers whether it was made with the same wish.
   */
  readonly requestBuild: (
    names: readonly string[],
    request: Pick<Request, 'id' | 'verify'>,
  ) => Promise<boolean>
}

export const controlOf = ({ client, db, projections, now }: ControlOptions): Control => ({
  names: projections.map(({ name }) => name),
  standings: () => asked(standings({ client, db, projections, now })),
  requestBuild: async (names, { id, verify }) => {
    const states = await asked(readStates(db))
    let same = true
    for (const name of names) {
      const before = latestOf(states.get(name), id)
      if (before) same &&= before.verify === verify
      else await asked(changeState(db, name, { requested: { id, verify, at: now().toISOString() } }))
    }
    return same
  },
})

const latestOf = (state: ProjectionState | undefined, id: string) =>
  [state?.requested, state?.build, state?.built].find((one) => one?.id === id)
