import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { headOfLog } from '../eventstore/read.ts'
import { beginBuild, beginSwitch, finishSwitch, giveBuildUp, nextOf } from './builds.ts'
import { compareCollections, stillUnequal } from './compare.ts'
import type { Comparison } from './compare.ts'
import type { Foldable, Folder, Target } from './folder.ts'
import { changeState, readStates } from './state.ts'
import type { Build, Built, ProjectionState, Request } from './state.ts'

export interface BuilderOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly projections: readonly Foldable[]
  readonly now: () => Date
  readonly newId: () => string
  readonly signal: AbortSignal
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>
  /** Whether a projection's serving documents are as new as the log, so that new ones can be held against them. */
  readonly isServing: (projection: string) => boolean
}

/** Ids of unequal documents that are shown. */
const SHOWN = 20

/** Keeps account of the read models that are being built anew: how far each is, and how it ends. */
export const builder = (options: BuilderOptions) => {
  const { client, db, projections, now, newId, signal, patiently, isServing } = options
  const builds = new Map<string, Build>()
  const comparisons = new Map<string, Comparison>()
  const indexed = new WeakSet<Folder>()
  const ownRequest: Request = { id: newId(), verify: false, at: now().toISOString() }

  const targetsOf = (names: readonly string[]): readonly Target[] =>
    projections
      .filter(({ name }) => names.includes(name))
      .map((projection) => ({ projection, collection: nextOf(projection.name) }))

  /** What was asked for together is built together: each event is read once. */
  const together = (begun: ReadonlyMap<string, Build>): readonly (readonly Target[])[] => {
    const groups = Map.groupBy(begun, ([, { id }]) => id)
    return [...groups.values()].map((group) => targetsOf(group.map(([name]) => name)))
  }

  const begin = async (projection: Foldable, request: Request): Promise<Build> => {
    const build = await beginBuild(db, projection, request, await headOfLog(client), now())
    builds.set(projection.name, build)
    comparisons.delete(projection.name)
    return build
  }

  const isBuilding = (folder: Folder) => folder.collection() === nextOf(folder.projection)

  const setPhase = async (name: string, phase: Build['phase']) => {
    const build = builds.get(name)
    if (!build) return
    builds.set(name, { ...build, phase })
    await patiently(() => changeState(db, name, { build: { ...build, phase } }))
  }

  return {
    /** Asks for a build because the documents are of another version. */
    ask: async ({ _id, requested, build }: ProjectionState): Promise<void> => {
      if (!requested && !build) await changeState(db, _id, { requested: ownRequest })
    },

    /** The builds that were cut short; one of another version than the code begins again. */
    unfinished: async (): Promise<readonly (readonly Target[])[]> => {
      const states = await readStates(db)
      const found = new Map<string, Build>()
      for (const projection of projections) {
        const { name, version } = projection
        const build = states.get(name)?.build
        if (!build) continue
        const goesOn = build.version === version
        found.set(name, goesOn ? build : await begin(projection, build))
        if (goesOn) builds.set(name, build)
      }
      return together(found)
    },

    /**
     * Begins the builds that somebody has asked for. One that is under way is finished first, unless it can't be.
     */
    requested: async (
      hasStopped: (collection: string) => boolean,
    ): Promise<readonly (readonly Target[])[]> => {
      const states = await readStates(db)
      const begun = new Map<string, Build>()
      for (const projection of projections) {
        const { name } = projection
        const requested = states.get(name)?.requested
        if (!requested || (builds.has(name) && !hasStopped(nextOf(name)))) continue
        begun.set(name, await begin(projection, requested))
      }
      return together(begun)
    },

    progress: (targets: readonly Target[], events: number, position: bigint): void => {
      for (const { projection, collection } of targets) {
        const build = builds.get(projection.name)
        if (!build || collection !== nextOf(projection.name)) continue
        builds.set(projection.name, { ...build, events: build.events + events, position: Number(position) })
      }
    },

    /** Notes how far the builds are, for whoever watches. */
    note: async (): Promise<void> => {
      for (const [name, build] of builds) await changeState(db, name, { build })
    },

    /** Makes the indexes of what is folded, once. */
    index: async (folders: readonly Folder[]): Promise<void> => {
      for (const folder of folders) {
        if (indexed.has(folder)) continue
        if (isBuilding(folder)) await setPhase(folder.projection, 'INDEXING')
        await patiently(() => folder.index(signal))
        if (isBuilding(folder)) await setPhase(folder.projection, 'FOLDING')
        indexed.add(folder)
      }
    },

    /** Compares all documents once, where that was asked for; true if it has just done so, which takes its time. */
    compare: async (folders: readonly Folder[]): Promise<boolean> => {
      let compared = false
      for (const folder of folders) {
        const { projection: name } = folder
        if (!isBuilding(folder) || !builds.get(name)?.verify || comparisons.has(name) || !isServing(name))
          continue
        await setPhase(name, 'VERIFYING')
        comparisons.set(name, await patiently(() => compareCollections(db, name, nextOf(name), signal)))
        await setPhase(name, 'FOLDING')
        compared = true
      }
      return compared
    },

    /** Ends a build that is as new as the serving documents. True: it serves now. False: it is not equal. */
    finish: async (name: string, position: bigint): Promise<boolean> => {
      const build = builds.get(name)
      if (!build) return false
      const comparison = comparisons.get(name)
      const ids = comparison?.unequal ?? []
      const differing = await patiently(() => stillUnequal(db, name, nextOf(name), ids))
      const at = now()
      const built: Built = {
        id: build.id,
        verify: build.verify,
        version: build.version,
        at: at.toISOString(),
        events: build.events,
        seconds: (at.getTime() - Date.parse(build.startedAt)) / 1_000,
        outcome: differing.length === 0 ? 'SWITCHED' : 'DIFFERS',
        ...(comparison ? { compared: comparison.compared } : {}),
        differing: differing.slice(0, SHOWN),
      }
      builds.delete(name)
      comparisons.delete(name)
      if (built.outcome === 'DIFFERS') {
        await patiently(() => giveBuildUp(db, name, built))
        return false
      }
      const switching = await patiently(() => beginSwitch(db, name, build, position, built))
      await patiently(() => finishSwitch(db, name, switching))
      return true
    },
  }
}
