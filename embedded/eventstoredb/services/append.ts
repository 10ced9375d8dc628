import { decodeAppend, encodeAppended, encodeWrongRevision, type StreamOptions } from '../codec/append.ts'
import { sizeOf } from '../codec/proposed-event.ts'
import type { ProposedEvent } from '../codec/recorded-event.ts'
import type { Call } from '../grpc/call.ts'
import { frame } from '../grpc/frames.ts'
import type { Handler } from '../grpc/server.ts'
import { Code, refuse } from '../grpc/status.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'
import { demand } from '../security/access.ts'
import { flawOf, maxAppendSize, streamFlaw } from './append-limits.ts'
import type { NodeContext } from './context.ts'
import { storeFailed, streamDeleted } from './stream-errors.ts'

/** Streams.Append: one append on a call of its own. */
export function append({ log, access }: NodeContext): Handler {
  return (call) => {
    const events: ProposedEvent[] = []
    let options: StreamOptions | undefined
    let size = 0
    call.onMessages(
      (message) => {
        const request = decodeAppend(message)
        if (request.options !== undefined) {
          demand(access.allowsStream(call.principal, 'write', request.options.stream))
          options = accepted(request.options)
        }
        if (request.event === undefined) return
        size += sizeOf(request.event)
        check(request.event, size)
        events.push(request.event)
      },
      () => {
        if (options === undefined) refuse(Code.invalidArgument, 'The first message must carry the options.')
        else commit(log, call, options, events)
      },
    )
  }
}

function commit(log: EventLog, call: Call, options: StreamOptions, events: readonly ProposedEvent[]): void {
  log.append({ ...options, events }, (result) => {
    if (result.kind === 'deleted') call.end(streamDeleted(options.stream))
    else if (result.kind === 'failed') call.end(storeFailed(result.error))
    else {
      call.send(frame(responseTo(result, options)))
      call.end()
    }
  })
}

function responseTo(
  result: Extract<AppendResult, { kind: 'appended' | 'wrong-revision' }>,
  { expected }: StreamOptions,
): Uint8Array {
  return result.kind === 'appended'
    ? encodeAppended(result.revision, result.position)
    : encodeWrongRevision(result.current, expected)
}

function accepted(options: StreamOptions): StreamOptions {
  const flaw = streamFlaw(options.stream)
  return flaw === undefined ? options : refuse(Code.invalidArgument, flaw)
}

function check(event: ProposedEvent, size: number): void {
  if (event.type === '') {
    refuse(Code.invalidArgument, 'Required metadata is missing.', {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    })
  }
  const flaw = flawOf(event)
  if (flaw !== undefined) refuse(Code.invalidArgument, flaw)
  if (size > maxAppendSize) {
    refuse(Code.invalidArgument, `Maximum Append Size of ${maxAppendSize} Exceeded.`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(maxAppendSize),
    })
  }
}
