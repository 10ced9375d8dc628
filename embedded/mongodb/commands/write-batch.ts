import type { Collection } from '../engine/collection.ts'
import type { Operation } from '../engine/operation.ts'
import { MongoError } from '../errors.ts'
import { mostWritesPerBatch, type Context } from './command.ts'
import { attempt, changeInSlices, isLarge } from './write-attempts.ts'
import type { Change, Outcome, Write } from './write-operations.ts'

/** What became of each write that ran, by its place in the batch. */
export interface Step {
  readonly index: number
  readonly result: Outcome | MongoError
}

export interface Targeted {
  readonly write: Write
  /** Which of the batch's namespaces. */
  readonly target: number
}

/** How long one transaction may be decided before it is committed, and the rest of a batch gets the next one. */
const longestPart = 50

/**
 * Runs a batch. As many of its writes as there is time for share a transaction; one that goes over many documents is
 * done in transactions of its own. An ordered batch stops at its first refusal; what came before stays.
 */
export async function runBatch(
  { store, operation }: Pick<Context, 'store' | 'operation'>,
  namespaces: readonly string[],
  writes: readonly Targeted[],
  ordered: boolean,
): Promise<Step[]> {
  const steps: Step[] = []
  for (let next = 0; next < writes.length;) {
    operation.check()
    const wanted = needed(namespaces, writes, next)
    const begin = next
    const { done, large } = await store.write(
      wanted.filter((namespace) => namespace !== undefined),
      (found) => {
        const collections = new Map(found.map((collection) => [collection.namespace, collection]))
        const target = (index: number): Collection | undefined =>
          collections.get(namespaces[index] ?? '') ?? store.catalog.get(namespaces[index] ?? '')
        return runPart(writes, begin, target, ordered, operation)
      },
      writes.length - begin,
    )
    for (const step of done) steps.push(step)
    next += done.length
    if (ordered && done.at(-1)?.result instanceof MongoError) break
    if (large === undefined) continue
    const result = await changeInSlices(store, namespaces[writes[next]?.target ?? 0] ?? '', large, operation)
    steps.push({ index: next++, result })
    if (ordered && result instanceof MongoError) break
  }
  return steps
}

/** The namespaces that the rest of a batch may make. */
function needed(namespaces: readonly string[], writes: readonly Targeted[], from: number): string[] {
  const made = new Set<number>()
  for (let i = from; i < writes.length && made.size < namespaces.length; i++) {
    const { write, target } = writes[i] ?? {}
    if (write?.creates && target !== undefined) made.add(target)
  }
  return namespaces.filter((_, i) => made.has(i))
}

interface Part {
  readonly done: readonly Step[]
  /** The change that comes next and is too large for this transaction. */
  readonly large?: Change
}

function runPart(
  writes: readonly Targeted[],
  begin: number,
  collectionOf: (target: number) => Collection | undefined,
  ordered: boolean,
  operation: Operation,
): Part {
  const done: Step[] = []
  const ends = performance.now() + longestPart
  for (let index = begin; index < writes.length; index++) {
    const targeted = writes[index]
    if (targeted === undefined) break
    operation.beginSlice()
    const result = attempt(targeted.write, collectionOf(targeted.target), operation)
    if (isLarge(result)) return { done, large: result.large }
    done.push({ index, result })
    if (ordered && result instanceof MongoError) break
    if (index % 64 === 63 && performance.now() > ends) break
  }
  return { done }
}

export function checkBatchSize(count: number): void {
  if (count < 1 || count > mostWritesPerBatch)
    throw new MongoError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${mostWritesPerBatch}. Got ${count} operations.`,
    )
}
