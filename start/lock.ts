import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { identify, isAlive, ProcessIdentity } from './identity.ts'

const Holder = z.object({ owner: ProcessIdentity, children: z.array(ProcessIdentity), since: z.string() })
type Holder = z.infer<typeof Holder>

/** The data directory belongs to a running instance. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse'
}

/** One running instance per data directory. */
export interface Lock {
  /** Puts on record which processes work on the directory, for whoever finds the lock abandoned. */
  readonly record: (pids: readonly number[]) => void
  readonly release: () => void
}

/** An owner that has just been killed is still there for a moment. */
const DYING = 1_000
/** How long the children of a dead owner may take to finish before they are killed. */
const LEAVE_DEADLINE = 15_000

/**
 * Takes the directory's lock. One whose owner is dead is taken over, after the processes that it left behind
 * are gone. Throws `DataDirectoryInUse`.
 */
export const lockDirectory = async (directory: string, now: () => Date): Promise<Lock> => {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'lock')
  const mine: Holder = { owner: identify(process.pid), children: [], since: now().toISOString() }
  const patience = Date.now() + DYING
  while (!tryTake(path, mine)) {
    const found = read(path)
    if (!found) continue
    if (isAlive(found.owner)) {
      if (Date.now() < patience) {
        await delay(50)
        continue
      }
      throw new DataDirectoryInUse(
        `${directory} is in use by process ${found.owner.pid} since ${found.since}. Stop it, or set DATA_DIR to another directory.`,
      )
    }
    await survivorsGone(found.children)
    removeStale(path, found)
  }
  return {
    record: (pids) => replace(path, { ...mine, children: pids.map(identify) }),
    release: () => rmSync(path, { force: true }),
  }
}

/** A link appears with its whole content or not at all, and only if there is none yet. */
const tryTake = (path: string, holder: Holder): boolean => {
  const draft = `${path}.${holder.owner.pid}`
  writeFileSync(draft, JSON.stringify(holder))
  try {
    linkSync(draft, path)
    return true
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'EEXIST') return false
    throw fault
  } finally {
    rmSync(draft, { force: true })
  }
}

const replace = (path: string, holder: Holder) => {
  const draft = `${path}.${holder.owner.pid}`
  writeFileSync(draft, JSON.stringify(holder))
  renameSync(draft, path)
}

/** Undefined if it has just been released. What can't be read as a lock was left by nobody who lives. */
const read = (path: string): Holder | undefined => {
  try {
    return Holder.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined
    return { owner: { pid: 2 ** 31 - 1, started: '' }, children: [], since: '' }
  }
}

/** Moves the stale lock aside; should another have taken it over in the meantime, that one gets it back. */
const removeStale = (path: string, stale: Holder) => {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
    const moved = read(aside)
    if (moved && JSON.stringify(moved) !== JSON.stringify(stale)) linkSync(aside, path)
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && (fault.code === 'ENOENT' || fault.code === 'EEXIST')))
      throw fault
  } finally {
    rmSync(aside, { force: true })
  }
}

const survivorsGone = async (survivors: readonly ProcessIdentity[]) => {
  const deadline = Date.now() + LEAVE_DEADLINE
  while (survivors.some(isAlive)) {
    if (Date.now() > deadline) for (const survivor of survivors.filter(isAlive)) end(survivor)
    await delay(50)
  }
}

const end = ({ pid }: ProcessIdentity) => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'ESRCH')) throw fault
  }
}
