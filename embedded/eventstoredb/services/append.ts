import { decodeAppend, encodeAppended, encodeWrongRevision, type StreamOptions } from '../codec/append.ts'
import type { Proposal } from '../codec/proposed-event.ts'
import type { Call } from '../grpc/call.ts'
import { frame } from '../grpc/frames.ts'
import type { Handler } from '../grpc/server.ts'
import { Code, refuse, StatusError } from '../grpc/status.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'
import { demand } from '../security/access.ts'
import { defaultLimits, Intake, streamFlaw } from './append-limits.ts'
import type { NodeContext } from './context.ts'
import { refused, storeFailed, streamDeleted, timedOut } from './stream-errors.ts'
import { allowsChange } from './write-access.ts'
import { demandCapacity } from './write-capacity.ts'
import { withinTime, writeTimeoutMs } from './write-timeout.ts'

export type AppendContext = Pick<NodeContext, 'access'> & {
  readonly log: Pick<EventLog, 'append' | 'backlog'>
}

/** Streams.Append: one append on a call of its own. */
export function append({ log, access }: AppendContext, limits = defaultLimits): Handler {
  return (call) => {
    const intake = new Intake(limits)
    let options: StreamOptions | undefined
    call.onMessages(
      (message) => {
        const request = decodeAppend(message)
        if (options === undefined) {
          options = firstOf(request.options)
          demand(allowsChange(access, call.principal, 'write', options.stream))
          checkName(options)
          demandCapacity(log)
        } else if (request.event === undefined) {
          refuse(Code.invalidArgument, 'After the first message only events may follow.')
        }
        if (request.event !== undefined) take(intake, request.event)
      },
      () => commit(log, call, firstOf(options), intake.events),
    )
  }
}

function firstOf(options: StreamOptions | undefined): StreamOptions {
  return options ?? refuse(Code.invalidArgument, 'The first message must carry the options.')
}

function checkName({ stream }: StreamOptions): void {
  const flaw = streamFlaw(stream)
  if (flaw !== undefined) refuse(Code.invalidArgument, flaw)
}

function take(intake: Intake, event: Proposal): void {
  const refusal = intake.take(event)
  if (refusal !== undefined) throw new StatusError(refused(refusal))
}

function commit(
  log: AppendContext['log'],
  call: Call,
  options: StreamOptions,
  events: readonly Proposal[],
): void {
  withinTime<AppendResult>(
    writeTimeoutMs,
    (done) => log.append({ ...options, events }, done),
    (result) => {
      if (result === 'timeout') call.end(timedOut)
      else if (result.kind === 'deleted') call.end(streamDeleted(options.stream))
      else if (result.kind === 'failed') call.end(storeFailed(result.error))
      else {
        call.send(frame(responseTo(result, options)))
        call.end()
      }
    },
  )
}

function responseTo(
  result: Extract<AppendResult, { kind: 'appended' | 'wrong-revision' }>,
  { expected }: StreamOptions,
): Uint8Array {
  return result.kind === 'appended'
    ? encodeAppended(result.revision, result.position)
    : encodeWrongRevision(result.current, expected)
}
