import { decodeDelete, encodeDeleted, type StreamOptions } from '../codec/append.ts'
import { unary, type Handler } from '../grpc/server.ts'
import { Code, refuse, StatusError, type Status } from '../grpc/status.ts'
import type { AppendResult } from '../log/event-log.ts'
import { demand } from '../security/access.ts'
import { streamFlaw } from './append-limits.ts'
import type { NodeContext } from './context.ts'
import { storeFailed, streamDeleted, timedOut, wrongExpectedVersion } from './stream-errors.ts'
import { allowsChange } from './write-access.ts'
import { demandCapacity } from './write-capacity.ts'
import { withinTime, writeTimeoutMs } from './write-timeout.ts'

/** Streams.Delete: the stream reads as missing, until it is written to again. */
export const deleteStream = (context: NodeContext): Handler =>
  ending(context, ({ stream, expected }, done) => context.log.delete(stream, expected, done))

/** Streams.Tombstone: the stream is gone for good. */
export const tombstoneStream = (context: NodeContext): Handler =>
  ending(context, ({ stream, expected }, done) => context.log.tombstone(stream, expected, done))

function ending(
  { log, access }: NodeContext,
  end: (options: StreamOptions, done: (result: AppendResult) => void) => void,
): Handler {
  return unary((message, call) => {
    const options = decodeDelete(message)
    demand(allowsChange(access, call.principal, 'delete', options.stream))
    const flaw = streamFlaw(options.stream)
    if (flaw !== undefined) refuse(Code.invalidArgument, flaw)
    demandCapacity(log)
    return new Promise<Uint8Array>((resolve, reject) => {
      withinTime<AppendResult>(
        writeTimeoutMs,
        (done) => end(options, done),
        (result) => {
          if (result !== 'timeout' && result.kind === 'appended') resolve(encodeDeleted(result.position ?? 0))
          else reject(new StatusError(statusFor(result, options)))
        },
      )
    })
  })
}

function statusFor(
  result: Exclude<AppendResult, { kind: 'appended' }> | 'timeout',
  { stream, expected }: StreamOptions,
): Status {
  if (result === 'timeout') return timedOut
  if (result.kind === 'deleted') return streamDeleted(stream)
  if (result.kind === 'failed') return storeFailed(result.error)
  return wrongExpectedVersion(stream, expected, result.current)
}
