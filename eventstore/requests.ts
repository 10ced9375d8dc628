import { z } from 'zod'
import { refuse } from './decision.ts'
import type { Decision } from './decision.ts'
import { IdempotencyKey } from './idempotency.ts'
import { recall, remember } from './remembered.ts'
import type { Remembered } from './remembered.ts'

/** A person's request as it is known again: the key that they chose for it, and a digest of what they asked. */
export interface Request {
  readonly idempotencyKey: string
  readonly fingerprint: string
}

/** The same in the schema of an event that a request caused. */
export const requestKeys = { idempotencyKey: IdempotencyKey, fingerprint: z.string() }

/** The key was used before, for something else. */
export interface IdempotencyConflict {
  readonly code: 'IDEMPOTENCY_CONFLICT'
}

/** A request that had its effect has none when it comes again; another one with its key is refused. */
export const repeated = (
  before: Pick<Request, 'fingerprint'>,
  now: Pick<Request, 'fingerprint'>,
): Decision<never, IdempotencyConflict> =>
  before.fingerprint === now.fingerprint ? [] : refuse({ code: 'IDEMPOTENCY_CONFLICT' })

/** The newest requests that had an effect on an aggregate, by key, each with what it was answered. */
export type Requests<Answer extends object> = Remembered<Answer & Pick<Request, 'fingerprint'>>

/** Remembers the last `limit` requests at least, and at most twice as many. */
export const recordRequest = <Answer extends object>(
  requests: Requests<Answer>,
  { idempotencyKey, fingerprint }: Request,
  answer: Answer,
  limit: number,
): Requests<Answer> => remember(requests, idempotencyKey, { ...answer, fingerprint }, limit)

/** What a request was answered; undefined if it had no effect, or that is too many requests ago. */
export const answered = <Answer extends object>(
  requests: Requests<Answer>,
  idempotencyKey: string,
): Answer | undefined => recall(requests, idempotencyKey)

/**
 * Decides about a request once. One that found nothing to do is not remembered: it never had an effect, so it may
 * still have its one.
 */
export const decidingByKey = <Answer extends object, Event, R>(
  requests: Requests<Answer>,
  request: Request,
  decide: () => Decision<Event, R>,
): Decision<Event, R | IdempotencyConflict> => {
  const before = recall(requests, request.idempotencyKey)
  return before ? repeated(before, request) : decide()
}
