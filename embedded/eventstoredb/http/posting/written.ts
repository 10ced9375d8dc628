import type { AppendResult } from '../../log/event-log.ts'
import { streamGone } from '../feeds/source.ts'
import { withinTime, writeTimeoutMs } from '../../services/write-timeout.ts'
import { Problem } from '../problem.ts'

type Done = (result: AppendResult) => void
export type Written = Extract<AppendResult, { kind: 'appended' }>

/** Waits until a write is on disk, or for why it isn't. */
export async function written(stream: string, write: (done: Done) => void): Promise<Written> {
  const result = await new Promise<AppendResult | 'timeout'>((resolve) => {
    withinTime(writeTimeoutMs, write, resolve)
  })
  if (result === 'timeout') {
    throw new Problem(
      504,
      'It took too long to write; whether it will be written is not known. Send it again.',
    )
  }
  switch (result.kind) {
    case 'appended':
      return result
    case 'deleted':
      throw streamGone(stream)
    case 'wrong-revision':
      throw new Problem(400, `The stream ${stream} is not where it was expected to be.`, {
        title: 'Wrong expected EventNumber',
        headers: { 'es-currentversion': String(result.current) },
      })
    case 'failed':
      throw new Problem(503, `The store can't be written to: ${result.error.message}`)
    default:
      return result satisfies never
  }
}
