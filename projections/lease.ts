import type { Db } from 'mongodb'
import { MongoServerError } from 'mongodb'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { retrying } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import { inTime } from './limits.ts'

const LEASES = 'leases'
const NAME = 'projections'

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

/**
 * Waits until nobody else has the lease, and takes it. No clocks are compared: a candidate watches for the
 * holder's beat on its own clock. Throws only when the signal is aborted.
 */
export const takeLease = async ({ db, holder, clock, signal, onFault }: LeaseOptions): Promise<void> => {
  const passing = (fault: unknown) => {
    if (!signal.aborted) onFault(fault)
    return !signal.aborted
  }
  let watched: { readonly lease: Lease; readonly since: number } | undefined
  for (;;) {
    signal.throwIfAborted()
    const lease = await retrying(WAITING, passing, () => readLease(db), signal)
    if (!lease) {
      if (await retrying(WAITING, passing, () => found(db, holder), signal)) return
      continue
    }
    if (watched?.lease.holder !== lease.holder || watched.lease.beat !== lease.beat)
      watched = { lease, since: clock() }
    const isFree = lease.holder === '' || lease.holder === holder || clock() - watched.since >= EXPIRY
    if (isFree && (await retrying(WAITING, passing, () => takeOver(db, lease, holder), signal))) return
    await delay(POLL, undefined, { signal })
  }
}

const readLease = async (db: Db): Promise<Lease | undefined> => {
  const raw = await inTime(collectionOf(db).findOne({ _id: NAME }), CALL_DEADLINE)
  return raw ? Lease.parse(raw) : undefined
}

const found = async (db: Db, holder: string): Promise<boolean> => {
  try {
    await inTime(collectionOf(db).insertOne({ _id: NAME, holder, beat: 0 }), CALL_DEADLINE)
    return true
  } catch (fault) {
    if (fault instanceof MongoServerError && fault.code === 11_000) return false
    throw fault
  }
}

const takeOver = async (db: Db, { holder: former, beat }: Lease, holder: string): Promise<boolean> => {
  const filter = { _id: NAME, holder: former, beat }
  const taken = await inTime(
    collectionOf(db).updateOne(filter, { $set: { holder, beat: beat + 1 } }),
    CALL_DEADLINE,
  )
  return taken.matchedCount === 1
}

/** Keeps the lease until it is lost or the signal is aborted. */
export const keepLease = async ({ db, holder, clock, signal, onFault }: LeaseOptions): Promise<void> => {
  let renewed = clock()
  while (!signal.aborted) {
    try {
      const begun = clock()
      const renewing = collectionOf(db).updateOne({ _id: NAME, holder }, { $inc: { beat: 1 } })
      const kept = await inTime(renewing, CALL_DEADLINE)
      if (kept.matchedCount === 0) return
      renewed = begun
    } catch (fault) {
      if (signal.aborted) break
      onFault(fault)
    }
    if (clock() - renewed > LOST_AFTER) return
    await delay(BEAT, undefined, { signal }).catch(() => undefined)
  }
}

/** Gives the lease back, so that the next one need not wait for its expiry. */
export const giveLeaseBack = async ({ db, holder, onFault }: Omit<LeaseOptions, 'signal'>): Promise<void> => {
  const givingBack = collectionOf(db).updateOne({ _id: NAME, holder }, { $set: { holder: '' } })
  await inTime(givingBack, CALL_DEADLINE).catch(onFault)
}
