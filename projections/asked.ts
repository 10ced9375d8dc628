import { MongoError } from 'mongodb'
import { within } from '../eventstore/deadline.ts'
import { Unavailable } from '../eventstore/faults.ts'

/** An answer of MongoDB's; what it fails with may pass, and is told as `Unavailable`. */
export const asked = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (fault) {
    if (fault instanceof MongoError) throw new Unavailable('the read models do not answer', { cause: fault })
    throw fault
  }
}

/**
 * The same, if it comes within `ms`. The driver has no deadline for an answer: its `timeoutMS` does nothing, and
 * `maxTimeMS` is kept by a server that is alive.
 */
export const askedWithin = <T>(ms: number, answer: Promise<T>): Promise<T> =>
  asked(within(ms, 'the read models', answer))
