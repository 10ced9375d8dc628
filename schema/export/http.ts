import { ReadableStream } from 'node:stream/web'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Overloaded } from '../../eventstore/faults.ts'
import type { ReadModels } from '../../projections/readModels.ts'
import { requestIdOf } from '../../service/requestId.ts'
import { unauthenticated } from '../context.ts'
import { apiError, reveal } from '../errors.ts'
import type { Report } from '../errors.ts'
import { parsed } from '../input.ts'
import { caughtUp } from '../../projections/consistency.ts'
import { lastingAnswers } from '../streams.ts'
import type { LastingAnswers } from '../streams.ts'
import { factsOf } from '../../access/facts.ts'
import { isViewer, maySee } from '../../access/viewer.ts'
import type { Authenticate } from '../../access/viewer.ts'
import { encodedIn, exported, formats } from './formats.ts'
import type { ExportedEntry } from './formats.ts'
import { answerWithProblemsOf } from './problems.ts'
import { ExportRequest, fileName } from './request.ts'

export interface ExportParts {
  readonly readModels: ReadModels
  readonly authenticate: Authenticate
  readonly newId: () => string
  readonly report: (requestId?: string) => Report
}

/** Exports at a time in a process; more are asked to come again. */
const MAX_EXPORTS = 64
/** Milliseconds in which a client has to take something of its export. */
const STALLED = 60_000

/** Adds `GET /export/ledger`: a person's ledger as a file, streamed no faster than it is read. */
export const serveExport = (http: FastifyInstance, parts: ExportParts) =>
  http.register((scope, _, done) => {
    const answers = lastingAnswers()
    let running = 0
    scope.addHook('preClose', () => answers.close())
    answerWithProblemsOf(scope, parts.report)
    scope.get('/export/ledger', { exposeHeadRoute: false }, async (request, reply) => {
      const requestId = requestIdOf(factsOf(request.headers)('x-request-id'), parts.newId)
      void reply.header('x-request-id', requestId)
      if (running >= MAX_EXPORTS) throw new Overloaded('too many exports at a time')
      running++
      try {
        await exportTo(reply, request, parts, answers, parts.report(requestId))
      } finally {
        running--
      }
      return reply
    })
    done()
  })

const exportTo = async (
  reply: FastifyReply,
  request: FastifyRequest,
  { readModels, authenticate }: ExportParts,
  answers: LastingAnswers,
  report: Report,
): Promise<void> => {
  const facts = factsOf(request.headers, request.method)
  const viewer = await authenticate(facts)
  if (!isViewer(viewer)) {
    if (viewer.challenge !== undefined) void reply.header('www-authenticate', viewer.challenge)
    throw unauthenticated(viewer)
  }
  const wanted = parsed(ExportRequest, request.query)
  await caughtUp(readModels, facts('x-consistency-token'), 'wallets', 'ledger')
  const owner = wanted.user ?? viewer.id
  const wallet = maySee(viewer, owner) ? await readModels.wallet(owner) : undefined
  if (!wallet) throw apiError('NOT_FOUND', 'There is no such wallet.')

  const pages = exportedPages(readModels.wholeLedger(owner, wanted), wallet.balance.currency)
  const chunks = encodedIn(wanted.format, pages)
  // Whatever fails before the first chunk has an answer of its own; after it, the stream breaks off.
  const first = await chunks.next()
  void reply
    .type(formats[wanted.format].contentType)
    .header('content-disposition', `attachment; filename="${fileName(wanted)}"`)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
  reply.raw.setTimeout(STALLED, () => reply.raw.destroy())
  await answers.send(ReadableStream.from(following(first, chunks, report)), reply)
}

async function* exportedPages(
  pages: ReturnType<ReadModels['wholeLedger']>,
  currency: string,
): AsyncGenerator<readonly ExportedEntry[]> {
  for await (const page of pages) yield page.map((entry) => exported(entry, currency))
}

/** The chunks with the first one before them again; what ends them early is reported, and passed on. */
async function* following(
  first: IteratorResult<Uint8Array>,
  chunks: AsyncGenerator<Uint8Array>,
  report: Report,
): AsyncGenerator<Uint8Array> {
  if (first.done) return
  yield first.value
  try {
    yield* chunks
  } catch (fault) {
    throw reveal(fault, report)
  }
}
