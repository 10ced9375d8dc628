import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Run } from './run.ts'
import type { RunWriter } from './run-writer.ts'

interface Source {
  readonly rest: Iterator<Buffer, void, void>
  next: Buffer | undefined
}

const keySize = 18

/** Writes the entries of several runs in one order. Neither stream nor event is in two runs at once by position. */
export async function mergeInto(writer: RunWriter, runs: readonly Run[]): Promise<void> {
  const sources = runs.map((run): Source => {
    const rest = run.entries()
    return { rest, next: take(rest) }
  })
  for (let least = leastOf(sources); least?.next !== undefined; least = leastOf(sources)) {
    if (writer.add(least.next, 0)) {
      await writer.flush()
      // A merge may take seconds, and calls come first.
      await nextTurn()
    }
    least.next = take(least.rest)
  }
}

function leastOf(sources: readonly Source[]): Source | undefined {
  let least: Source | undefined
  for (const source of sources) {
    if (source.next === undefined) continue
    if (least?.next === undefined || before(source.next, least.next)) least = source
  }
  return least
}

const before = (one: Buffer, other: Buffer): boolean => one.compare(other, 0, keySize, 0, keySize) < 0

const take = (rest: Iterator<Buffer, void, void>): Buffer | undefined => rest.next().value ?? undefined

/** About how many entries come of it. */
export const entriesOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, { facts }) => sum + facts.entries, 0)
