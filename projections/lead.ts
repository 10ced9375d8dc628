import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { pause } from '../eventstore/pause.ts'
import type { Catalogue } from '../eventstore/catalogue.ts'
import type { Nursery } from '../eventstore/nursery.ts'
import { headOfLog } from '../eventstore/read.ts'
import { builder } from './builder.ts'
import { finishSwitch } from './builds.ts'
import { everyCheckpoint, lowest } from './checkpoints.ts'
import type { Foldable, Folder, Target } from './folder.ts'
import { laneOf } from './lane.ts'
import type { Failure, Lane } from './lane.ts'
import { MONGO_DEADLINE } from './limits.ts'
import type { RunnerObserver } from './observer.ts'
import { isSkippedBy, readSkips } from './skipping.ts'
import type { Skips } from './skipping.ts'
import { changeState, readStates } from './state.ts'
import type { ProjectionState, Stop } from './state.ts'

export interface LeadOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly projections: readonly Foldable[]
  readonly observer: RunnerObserver
  readonly now: () => Date
  readonly newId: () => string
  /** Sits out passing faults of both servers. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>
}

/** Milliseconds between two looks at what people have asked for. */
const ATTENTION = 500
/** Bytes of the log that a lane may be behind and still be let into another: some thousands of events. */
const NEAR = 4_000_000n

/**
 * Folds the log into all read models, for as long as the works last. Those that are up to date share one lane;
 * whatever has to catch up (one that had stopped, one that is being built anew) has a lane of its own until it
 * is there, so that nobody waits for it.
 */
export const lead = async (options: LeadOptions, works: Nursery): Promise<void> => {
  const { client, db, projections, observer, now, patiently } = options
  const { signal } = works
  const skips = new Map<string, Skips>()
  const stopped = new Map<string, { readonly target: Target; readonly stop: Stop }>()
  const sides = new Set<Lane>()
  const isServing = (name: string) => main.folders().some(({ projection }) => projection === name)
  const builds = builder({ ...options, signal, isServing })
  for (const { name } of projections) skips.set(name, await patiently(() => readSkips(client, name)))

  const folderFor = ({ projection: { name, folderInto }, collection }: Target): Folder =>
    folderInto({ db, collection, isSkipped: (event) => isSkippedBy(skips.get(name) ?? [])(event) })

  const lane = async (
    targets: readonly Target[],
    how: Pick<Parameters<typeof laneOf>[0], 'wrote' | 'isDone' | 'careful'> & { readonly events: Catalogue },
    atLeast: bigint,
  ): Promise<Lane> => {
    const checkpoints = await patiently(() => everyCheckpoint(db, MONGO_DEADLINE))
    const reached = ({ collection }: Target) => checkpoints.get(collection) ?? 0n
    const folders: Folder[] = []
    for (const target of targets) {
      const folder = folderFor(target)
      await patiently(() => folder.prepare(reached(target)))
      folders.push(folder)
    }
    const failed = (failure: Failure) => fail(failure, how.careful)
    const from = targets.length > 0 ? lowest(targets.map(reached)) : atLeast
    const onFault = (fault: unknown) => observer.retried(fault)
    return laneOf({ client, db, signal, patiently, onFault, ...how, from, folders, failed })
  }

  /** Begins a lane of its own for what has to catch up. */
  const open = (targets: readonly Target[], careful: boolean) =>
    works.run(async () => {
      const events = eventsOf(targets.map(({ projection }) => projection))
      const wrote = (count: number, position: bigint) => builds.progress(targets, count, position)
      const side = await lane(targets, { events, careful, wrote, isDone: arrive }, 0n)
      sides.add(side)
      await side.run()
      sides.delete(side)
    })

  /** A lane that is nearly there waits until the main one stands still, and takes the last steps. */
  const arrive = async (side: Lane): Promise<boolean> => {
    if (side.folders().length === 0) return true
    if (main.position() - side.position() > NEAR) return false
    await builds.index(side.folders())
    if (await builds.compare(side.folders())) return false
    // Nearly all of it while the others go on.
    await side.advance(main.position())
    return main.between(async () => {
      await side.advance(main.position())
      for (const folder of side.folders()) await land(folder)
      return true
    })
  }

  const land = async (folder: Folder): Promise<void> => {
    const { projection: name } = folder
    const serving = folder.collection() === name
    if (!serving && !(await builds.finish(name, main.position()))) return
    for (const other of [main, ...sides])
      for (const old of other.folders())
        if (old !== folder && old.projection === name && old.collection() === name) other.remove(old)
    folder.moveTo(name)
    main.add(folder)
    stopped.delete(name)
    await patiently(() => changeState(db, name, { stopped: undefined }))
    observer.resumed?.(name)
    observer.keepsUp?.(name)
  }

  const fail = ({ folder, fault, event }: Failure, careful: boolean) => {
    const projection = projections.find(({ name }) => name === folder.projection)
    if (!projection) return
    const target = { projection, collection: folder.collection() }
    if (!careful || !event) return open([target], true)
    const { type, stream, revision } = event
    const stop: Stop = {
      collection: target.collection,
      type,
      stream,
      revision,
      position: Number(event.position),
      fault: fault instanceof Error ? fault.message : String(fault),
      at: now().toISOString(),
    }
    stopped.set(target.collection, { target, stop })
    works.run(async () => {
      await patiently(() => changeState(db, projection.name, { stopped: stop }))
      observer.stopped(projection.name, fault)
    })
  }

  /** Begins what people have asked for: another build, or going on without an event. */
  const attend = async (): Promise<void> => {
    await builds.note()
    for (const targets of await builds.requested((collection) => stopped.has(collection))) {
      for (const { collection } of targets) stopped.delete(collection)
      open(targets, false)
    }
    for (const [collection, { target, stop }] of stopped) {
      const { name } = target.projection
      const known = await readSkips(client, name)
      skips.set(name, known)
      if (!isSkippedBy(known)(stop)) continue
      stopped.delete(collection)
      open([target], true)
    }
  }

  const serving: Target[] = []
  for (const projection of projections) {
    const state = await patiently(() => stateOf(db, projection))
    if (state.version === projection.version) serving.push({ projection, collection: projection.name })
    // The documents are of another version than the code: they serve until there are new ones.
    else await patiently(() => builds.ask(state))
  }

  const checkpoints = await patiently(() => everyCheckpoint(db, MONGO_DEADLINE))
  const reached = ({ collection }: Target) => checkpoints.get(collection) ?? 0n
  const furthest = serving.map(reached).reduce((most, position) => (position > most ? position : most), 0n)
  const isNear = (target: Target) => furthest - reached(target) <= NEAR
  const head = await patiently(() => headOfLog(client))
  let keepsUp = false
  /** Called while nothing is being folded. The main lane never ends. */
  const keepUp = async (): Promise<boolean> => {
    if (keepsUp || head - main.position() > NEAR) return false
    await builds.index(main.folders())
    for (const { projection } of main.folders()) observer.keepsUp?.(projection)
    keepsUp = true
    return false
  }
  const main = await lane(
    serving.filter(isNear),
    {
      events: eventsOf(projections),
      careful: false,
      wrote: (...batch) => observer.wrote(...batch),
      isDone: keepUp,
    },
    head,
  )
  await keepUp()
  for (const target of serving.filter((one) => !isNear(one))) open([target], false)
  for (const targets of await patiently(builds.unfinished)) open(targets, false)
  works.run(main.run)
  while (!signal.aborted) {
    await patiently(attend)
    await pause(ATTENTION, signal)
  }
}

const eventsOf = (projections: readonly Foldable[]): Catalogue =>
  Object.fromEntries(projections.flatMap(({ events }) => Object.entries(events)))

/** The state of a projection when somebody begins to lead: a switch that was cut short is brought to its end. */
const stateOf = async (db: Db, { name, version }: Foldable): Promise<ProjectionState> => {
  const state = (await readStates(db)).get(name)
  if (state?.build?.phase === 'SWITCHING') {
    await finishSwitch(db, name, state.build)
    return { ...state, version: state.build.version, build: undefined }
  }
  if (state?.version !== undefined) return state
  // Documents from before versions were noted are of the first one; without any, there is nothing to be made anew.
  const begun = (await everyCheckpoint(db, MONGO_DEADLINE)).has(name)
  const noted = { version: begun ? 1 : version }
  await changeState(db, name, noted)
  return { _id: name, ...state, ...noted }
}
