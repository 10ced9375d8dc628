import { MongoError } from 'mongodb'
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
