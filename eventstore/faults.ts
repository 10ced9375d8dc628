import {
  CancelledError,
  DeadlineExceededError,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
  UnknownError,
} from '@eventstore/db-client'

/** The event store did not answer in time, or cannot be reached: the same call may succeed later. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** Too many commands wait already: the caller should come back later. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

/** A stream kept changing under a command for as many tries as it had. */
export class Contended extends Error {
  override readonly name = 'Contended'
}

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, UNAVAILABLE */
const passingStatus: ReadonlySet<unknown> = new Set([1, 2, 4, 14])

/**
 * The first call after a (re)connection asks what the server can do; when that question fails, the client
 * throws gRPC's own error instead of one of its kinds.
 */
const isPassingStatus = (fault: unknown): boolean =>
  fault instanceof Error &&
  'code' in fault &&
  'details' in fault &&
  'metadata' in fault &&
  passingStatus.has(fault.code)

/**
 * Whether a call that failed so may be repeated. `UnknownError` counts: that is how a broken connection
 * reaches the callers of a batch append.
 */
export const isPassing = (fault: unknown): boolean =>
  fault instanceof Unavailable ||
  fault instanceof UnavailableError ||
  fault instanceof TimeoutError ||
  fault instanceof DeadlineExceededError ||
  fault instanceof CancelledError ||
  fault instanceof NotLeaderError ||
  fault instanceof UnknownError ||
  isPassingStatus(fault)
