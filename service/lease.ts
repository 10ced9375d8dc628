import type { Db } from 'mongodb'
import { MongoServerError } from 'mongodb'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { within } from '../eventstore/deadline.ts'
import { nursery } from '../eventstore/nursery.ts'
import type { Nursery } from '../eventstore/nursery.ts'
import { pause } from '../eventstore/pause.ts'
import { retrying } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'

const LEASES = 'leases'

const Lease = z.object({
  _id: z.string(),
  /** Who has it; empty when it was given back. */
  holder: z.string(),
  /** Grows for as long as the holder lives. */
  beat: z.int(),
})
type Lease = z.infer<typeof Lease>

export interface LeaseOptions {
  readonly db: Db
  /** What only one process does at a time. */
  readonly name: string
  /** Names this process; no two of them are the same. */
  readonly holder: string
  /** Milliseconds, on any clock that never jumps. */
  readonly clock: () => number
  readonly signal: AbortSignal
  /** Told of each fault of MongoDB that is sat out. */
  readonly onFault: (fault: unknown) => void
}

/** Milliseconds between two beats. */
const BEAT = 500
/** A lease that did not beat for so long is anybody's; its holder counts it as lost a little before. */
const EXPIRY = 4_000
const LOST_AFTER = 3_000
const POLL = 250
const CALL_DEADLINE = 1_500
const WAITING: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 1_000 }

const collectionOf = (db: Db) => db.collection<Lease>(LEASES)

const inTime = <T>(answer: Promise<T>): Promise<T> => within(CALL_DEADLINE, 'MongoDB', answer)

/**
 * Waits until nobody else has the lease, and takes it. No clocks are compared: a candidate watches for the
 * holder's beat on its own clock. Throws only when the signal is aborted.
 */
const takeLease = async ({ db, name, holder, clock, signal, onFault }: LeaseOptions): Promise<void> => {
  const passing = (fault: unknown) => {
    if (!signal.aborted) onFault(fault)
    return !signal.aborted
  }
  let watched: { readonly lease: Lease; readonly since: number } | undefined
  for (;;) {
    signal.throwIfAborted()
    const lease = await retrying(WAITING, passing, () => readLease(db, name), signal)
    if (!lease) {
      if (await retrying(WAITING, passing, () => found(db, name, holder), signal)) return
      continue
    }
    if (watched?.lease.holder !== lease.holder || watched.lease.beat !== lease.beat)
      watched = { lease, since: clock() }
    const isFree = lease.holder === '' || lease.holder === holder || clock() - watched.since >= EXPIRY
    if (isFree && (await retrying(WAITING, passing, () => takeOver(db, lease, holder), signal))) return
    await delay(POLL, undefined, { signal })
  }
}

const readLease = async (db: Db, name: string): Promise<Lease | undefined> => {
  const raw = await inTime(collectionOf(db).findOne({ _id: name }))
  return raw ? Lease.parse(raw) : undefined
}

const found = async (db: Db, name: string, holder: string): Promise<boolean> => {
  try {
    await inTime(collectionOf(db).insertOne({ _id: name, holder, beat: 0 }))
    return true
  } catch (fault) {
    if (fault instanceof MongoServerError && fault.code === 11_000) return false
    throw fault
  }
}

const takeOver = async (db: Db, { _id, holder: former, beat }: Lease, holder: string): Promise<boolean> => {
  const filter = { _id, holder: former, beat }
  const taken = await inTime(collectionOf(db).updateOne(filter, { $set: { holder, beat: beat + 1 } }))
  return taken.matchedCount === 1
}

/** Keeps the lease until it is lost or the signal is aborted. */
const keepLease = async ({ db, name, holder, clock, signal, onFault }: LeaseOptions): Promise<void> => {
  let renewed = clock()
  while (!signal.aborted) {
    try {
      const begun = clock()
      const renewing = collectionOf(db).updateOne({ _id: name, holder }, { $inc: { beat: 1 } })
      const kept = await inTime(renewing)
      if (kept.matchedCount === 0) return
      renewed = begun
    } catch (fault) {
      if (signal.aborted) break
      onFault(fault)
    }
    if (clock() - renewed > LOST_AFTER) return
    await pause(BEAT, signal)
  }
}

/** Gives the lease back, so that the next one need not wait for its expiry. */
const giveLeaseBack = async ({ db, name, holder, onFault }: LeaseOptions): Promise<void> => {
  const givingBack = collectionOf(db).updateOne({ _id: name, holder }, { $set: { holder: '' } })
  await inTime(givingBack).catch(onFault)
}

/** Somebody else may be at work by now. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

export interface LeadingOptions extends LeaseOptions {
  /** Told when this process has the lease, and when it has no more. */
  readonly leads?: (so: boolean) => void
  /** Whether works that failed so are to be begun again, by whoever has the lease then; all else is thrown. */
  readonly givesWay?: (fault: unknown) => boolean
}

/**
 * Works whenever nobody else does, until the signal is aborted: for as long as the lease is ours. The works end with
 * it; whoever comes next may begin a moment earlier, so a lease saves work and does not make it safe.
 */
export const leading = async (options: LeadingOptions, work: (works: Nursery) => void): Promise<void> => {
  const { name, signal, onFault, leads, givesWay = () => false } = options
  while (!signal.aborted) {
    try {
      await takeLease(options)
    } catch (fault) {
      if (signal.aborted) return
      throw fault
    }
    leads?.(true)
    const works = nursery(signal)
    works.run(async () => {
      await keepLease({ ...options, signal: works.signal })
      if (!works.signal.aborted) throw new LeaseLost(`another process may have taken the lease of ${name}`)
    })
    work(works)
    try {
      await works.ended()
    } catch (fault) {
      if (!(fault instanceof LeaseLost || givesWay(fault))) throw fault
      onFault(fault)
    } finally {
      await giveLeaseBack(options)
      leads?.(false)
    }
  }
}
