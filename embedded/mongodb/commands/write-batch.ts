import type { Collection } from '../engine/collection.ts'
import { MongoError } from '../errors.ts'
import { mostWritesPerBatch } from './command.ts'
import type { Operation, Outcome } from './write-operations.ts'

/** What became of each operation that ran, by its place in the batch. */
export interface Step {
  readonly index: number
  readonly result: Outcome | MongoError
}

export interface Targeted {
  readonly operation: Operation
  /** Which of the batch's collections. */
  readonly target: number
}

/** Runs a batch within the current transaction. An ordered one stops at its first refusal; what came before stays. */
export function runBatch(
  operations: readonly Targeted[],
  collections: readonly Collection[],
  ordered: boolean,
): Step[] {
  const steps: Step[] = []
  for (const [index, { operation, target }] of operations.entries()) {
    const collection = collections[target]
    if (collection === undefined)
      throw new MongoError('BadValue', `operation ${index} names namespace ${target}, which is not in nsInfo`)
    const result = attempt(operation, collection)
    steps.push({ index, result })
    if (ordered && result instanceof MongoError) break
  }
  return steps
}

/** A refusal is an answer; anything else undoes the transaction. */
function attempt(operation: Operation, collection: Collection): Outcome | MongoError {
  try {
    return operation(collection)
  } catch (error) {
    if (error instanceof MongoError) return error
    throw error
  }
}

export function checkBatchSize(count: number): void {
  if (count < 1 || count > mostWritesPerBatch)
    throw new MongoError(
      'InvalidOptions',
      `Write batch sizes must be between 1 and ${mostWritesPerBatch}. Got ${count} operations.`,
    )
}
