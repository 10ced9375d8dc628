import type { Waiting } from '../waiting.ts'

interface Polled<Found> {
  readonly read: () => Promise<Found>
  readonly isEnough: (found: Found) => boolean
  /** Undefined for the whole log. */
  readonly stream: string | undefined
  /** Changes with every event of it. */
  readonly mark: () => number
  readonly patienceMs: number
  readonly gone: AbortSignal
}

/** Reads until it is enough, waiting for more in between, and in the end takes what there is. */
export async function poll<Found>(waiting: Waiting, polled: Polled<Found>): Promise<Found> {
  const { read, isEnough, stream, mark, patienceMs, gone } = polled
  const deadline = performance.now() + patienceMs
  for (;;) {
    const seen = mark()
    const found = await read()
    const rest = deadline - performance.now()
    if (isEnough(found) || gone.aborted || rest <= 0) return found
    // What came while it was being read is looked at before anything is waited for.
    if (mark() === seen && !(await waiting.forChange(stream, rest, gone))) return read()
  }
}
