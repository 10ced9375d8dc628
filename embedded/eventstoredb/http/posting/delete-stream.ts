import { streamFlaw } from '../../services/append-limits.ts'
import type { NodeContext } from '../../services/context.ts'
import { demandCapacity } from '../../services/write-capacity.ts'
import type { Answer } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { allStream } from '../feeds/all-source.ts'
import { flag } from '../feeds/request.ts'
import { requireStream } from '../guard.ts'
import { Problem } from '../problem.ts'
import { expectedVersion } from './expected.ts'
import { written } from './written.ts'

/** Deletes a stream until it is written to again, or for good. */
export async function deleteStream({ access, log }: NodeContext, exchange: Exchange): Promise<Answer> {
  const stream = exchange.param('stream')
  requireStream(access, exchange.principal, 'delete', stream)
  const flaw = stream === allStream ? 'Nobody deletes $all.' : streamFlaw(stream)
  if (flaw !== undefined) throw new Problem(400, flaw)
  demandCapacity(log)
  const expected = expectedVersion(exchange)
  const forGood = flag(exchange, 'es-harddelete', false)
  await written(stream, (done) =>
    forGood ? log.tombstone(stream, expected, done) : log.delete(stream, expected, done),
  )
  return { status: 204 }
}
