import {
  batchFailureFrame,
  batchSuccessFrame,
  decodeBatchAppend,
  type BatchFailure,
  type BatchOptions,
  type BatchRequest,
  type Correlation,
} from '../codec/batch-append.ts'
import type { Call } from '../grpc/call.ts'
import type { Handler } from '../grpc/server.ts'
import { Code, refuse } from '../grpc/status.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'
import type { Access } from '../security/access.ts'
import { defaultLimits, Intake, streamFlaw, type AppendLimits, type Refusal } from './append-limits.ts'
import type { NodeContext } from './context.ts'
import { allowsChange } from './write-access.ts'
import { withinTime, writeTimeoutMs } from './write-timeout.ts'

/** A client that sends faster than the disk takes is read no further than this. */
const maxBacklog = 32 * 1024 * 1024

/** An append of which not all chunks have come yet. */
interface Unfinished {
  readonly correlation: Correlation
  readonly options: BatchOptions
  readonly intake: Intake
  /** When its client or the node stops waiting for it, in ms since 1970. */
  readonly expiresMs: number
  readonly timer: NodeJS.Timeout | undefined
}

export type BatchAppendContext = Pick<NodeContext, 'access'> & {
  readonly log: Pick<EventLog, 'append' | 'backlog' | 'whenDurable'>
}

/** Streams.BatchAppend: many appends on one call, each of one or more chunks and with exactly one answer. */
export function batchAppend(context: BatchAppendContext, limits = defaultLimits): Handler {
  return (call) => new BatchAppendCall(context, limits, call)
}

class BatchAppendCall {
  readonly #log: BatchAppendContext['log']
  readonly #access: Access
  readonly #limits: AppendLimits
  readonly #call: Call
  readonly #unfinished = new Map<string, Unfinished>()
  #outstanding = 0
  #halfClosed = false

  constructor({ log, access }: BatchAppendContext, limits: AppendLimits, call: Call) {
    this.#log = log
    this.#access = access
    this.#limits = limits
    this.#call = call
    call.respond()
    call.onMessages(
      (message) => this.#take(decodeBatchAppend(message, Date.now())),
      () => {
        this.#halfClosed = true
        this.#endIfDone()
      },
    )
    call.onClosed(() => {
      for (const { timer } of this.#unfinished.values()) clearTimeout(timer)
      this.#unfinished.clear()
    })
  }

  #take(chunk: BatchRequest): void {
    const { correlation, options } = chunk
    if (correlation.id === '') refuse(Code.invalidArgument, 'A correlation id is required.')
    const begun = this.#unfinished.get(correlation.id)
    if (begun !== undefined) this.#continue(chunk, begun)
    else if (options !== undefined) this.#begin(chunk, options)
    // Otherwise it is the rest of an append that has been answered before its end: nobody waits for it.
  }

  #begin(chunk: BatchRequest, options: BatchOptions): void {
    const { correlation } = chunk
    this.#outstanding += 1
    const nowMs = Date.now()
    const refusal = this.#refusalOf(options, nowMs)
    if (refusal !== undefined) {
      this.#answer(batchFailureFrame(correlation, options.stream, refusal))
      return
    }
    const intake = new Intake(this.#limits)
    const expiresMs = Math.min(nowMs + writeTimeoutMs, options.deadlineMs ?? Number.POSITIVE_INFINITY)
    const timer = chunk.isFinal
      ? undefined
      : setTimeout(() => this.#expire(correlation.id), expiresMs - nowMs)
    const begun = { correlation, options, intake, expiresMs, timer }
    this.#unfinished.set(correlation.id, begun)
    this.#continue(chunk, begun)
  }

  #refusalOf({ stream, deadlineMs }: BatchOptions, nowMs: number): BatchFailure | undefined {
    if (!allowsChange(this.#access, this.#call.principal, 'write', stream)) return { kind: 'AccessDenied' }
    if (deadlineMs !== undefined && deadlineMs <= nowMs) return { kind: 'Timeout' }
    const flaw = streamFlaw(stream)
    return flaw === undefined ? undefined : { kind: 'BadRequest', message: flaw }
  }

  #continue(chunk: BatchRequest, begun: Unfinished): void {
    for (const event of chunk.events) {
      const refusal = begun.intake.take(event)
      if (refusal !== undefined) {
        this.#finish(begun)
        this.#answer(batchFailureFrame(begun.correlation, begun.options.stream, failureFor(refusal)))
        return
      }
    }
    if (!chunk.isFinal) return
    this.#finish(begun)
    this.#append(begun)
  }

  #expire(id: string): void {
    const begun = this.#unfinished.get(id)
    if (begun === undefined) return
    this.#finish(begun)
    this.#answer(batchFailureFrame(begun.correlation, begun.options.stream, { kind: 'Timeout' }))
  }

  #finish({ correlation, timer }: Unfinished): void {
    clearTimeout(timer)
    this.#unfinished.delete(correlation.id)
  }

  #append({ correlation, options, intake, expiresMs }: Unfinished): void {
    const { stream, expected } = options
    withinTime<AppendResult>(
      expiresMs - Date.now(),
      (done) => this.#log.append({ stream, expected, events: intake.events }, done),
      (result) => {
        this.#answer(
          result !== 'timeout' && result.kind === 'appended'
            ? batchSuccessFrame(correlation, stream, result.revision, result.position)
            : batchFailureFrame(correlation, stream, failureOf(result, options)),
        )
      },
    )
    if (this.#log.backlog > maxBacklog) {
      this.#call.pause()
      this.#log.whenDurable(() => this.#call.resume())
    }
  }

  #answer(response: Buffer): void {
    this.#call.send(response)
    this.#outstanding -= 1
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#halfClosed && this.#outstanding === 0) this.#call.end()
  }
}

const failureFor = (refusal: Refusal): BatchFailure =>
  refusal.kind === 'MissingMetadata'
    ? { kind: 'BadRequest', message: 'An event needs a type and a content type.' }
    : refusal

function failureOf(
  result: Exclude<AppendResult, { kind: 'appended' }> | 'timeout',
  { expected }: BatchOptions,
): BatchFailure {
  if (result === 'timeout') return { kind: 'Timeout' }
  if (result.kind === 'deleted') return { kind: 'StreamDeleted' }
  if (result.kind === 'failed') return { kind: 'Unknown' }
  return { kind: 'WrongExpectedVersion', current: result.current, expected }
}
