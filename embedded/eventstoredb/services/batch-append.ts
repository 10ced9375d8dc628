import {
  batchFailureFrame,
  batchSuccessFrame,
  decodeBatchAppend,
  type BatchFailure,
  type BatchOptions,
  type BatchRequest,
} from '../codec/batch-append.ts'
import { sizeOf } from '../codec/proposed-event.ts'
import type { ProposedEvent } from '../codec/recorded-event.ts'
import type { Call } from '../grpc/call.ts'
import type { Handler } from '../grpc/server.ts'
import { Code, refuse } from '../grpc/status.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'
import type { Access } from '../security/access.ts'
import { flawOf, maxAppendSize, streamFlaw } from './append-limits.ts'
import type { NodeContext } from './context.ts'

const writeTimeoutMs = 2000
/** A client that sends faster than the disk takes is read no further than this. */
const maxBacklog = 32 * 1024 * 1024

interface Unfinished {
  readonly options: BatchOptions
  readonly events: ProposedEvent[]
  size: number
  readonly timer: NodeJS.Timeout
}

/** Streams.BatchAppend: many appends on one call, each of one or more chunks and with exactly one answer. */
export function batchAppend(context: NodeContext): Handler {
  return (call) => new BatchAppendCall(context, call)
}

class BatchAppendCall {
  readonly #log: EventLog
  readonly #access: Access
  readonly #call: Call
  readonly #unfinished = new Map<string, Unfinished>()
  /** Answered before their last chunk: what still comes for them is dropped. */
  readonly #refused = new Set<string>()
  #outstanding = 0
  #halfClosed = false

  constructor({ log, access }: NodeContext, call: Call) {
    this.#log = log
    this.#access = access
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
    })
  }

  #take(chunk: BatchRequest): void {
    const { correlationId, options } = chunk
    if (correlationId === '') refuse(Code.invalidArgument, 'A correlation id is required.')
    if (this.#refused.has(correlationId)) {
      if (chunk.isFinal) this.#refused.delete(correlationId)
      return
    }
    const begun = this.#unfinished.get(correlationId)
    if (begun === undefined) {
      if (options === undefined) refuse(Code.invalidArgument, 'The first chunk must carry the options.')
      else this.#begin(chunk, options)
    } else {
      this.#continue(chunk, begun)
    }
  }

  #begin(chunk: BatchRequest, options: BatchOptions): void {
    const now = Date.now()
    this.#outstanding += 1
    if (!this.#access.allowsStream(this.#call.principal, 'write', options.stream)) {
      this.#refuse(chunk, options, { kind: 'AccessDenied' })
      return
    }
    if (options.deadlineMs !== undefined && options.deadlineMs <= now) {
      this.#refuse(chunk, options, { kind: 'Timeout' })
      return
    }
    let size = 0
    for (const event of chunk.events) size += sizeOf(event)
    const failure = failureOf(options, chunk.events, size)
    if (failure !== undefined) {
      this.#refuse(chunk, options, failure)
    } else if (chunk.isFinal) {
      this.#append(chunk.correlationId, options, chunk.events)
    } else {
      const patience = Math.min(writeTimeoutMs, (options.deadlineMs ?? Number.POSITIVE_INFINITY) - now)
      const timer = setTimeout(() => this.#expire(chunk.correlationId), patience)
      this.#unfinished.set(chunk.correlationId, { options, events: [...chunk.events], size, timer })
    }
  }

  #continue(chunk: BatchRequest, begun: Unfinished): void {
    for (const event of chunk.events) {
      begun.events.push(event)
      begun.size += sizeOf(event)
    }
    const failure = failureOf(begun.options, chunk.events, begun.size)
    if (failure === undefined && !chunk.isFinal) return
    clearTimeout(begun.timer)
    this.#unfinished.delete(chunk.correlationId)
    if (failure === undefined) this.#append(chunk.correlationId, begun.options, begun.events)
    else this.#refuse(chunk, begun.options, failure)
  }

  #expire(correlationId: string): void {
    const begun = this.#unfinished.get(correlationId)
    if (begun === undefined) return
    this.#unfinished.delete(correlationId)
    this.#refuse({ correlationId, isFinal: false }, begun.options, { kind: 'Timeout' })
  }

  #refuse(
    chunk: { correlationId: string; isFinal: boolean },
    { stream }: BatchOptions,
    failure: BatchFailure,
  ): void {
    if (!chunk.isFinal) this.#refused.add(chunk.correlationId)
    this.#answer(batchFailureFrame(chunk.correlationId, stream, failure))
  }

  #append(correlationId: string, options: BatchOptions, events: readonly ProposedEvent[]): void {
    const { stream, expected } = options
    this.#log.append({ stream, expected, events }, (result) => {
      this.#answer(
        result.kind === 'appended'
          ? batchSuccessFrame(correlationId, stream, result.revision, result.position)
          : batchFailureFrame(correlationId, stream, failureFor(result, options)),
      )
    })
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

function failureOf(
  options: BatchOptions,
  events: readonly ProposedEvent[],
  size: number,
): BatchFailure | undefined {
  if (size > maxAppendSize) return { kind: 'MaximumAppendSizeExceeded', limit: maxAppendSize }
  let flaw = streamFlaw(options.stream)
  for (const event of events) flaw ??= flawOf(event)
  return flaw === undefined ? undefined : { kind: 'BadRequest', message: flaw }
}

function failureFor(
  result: Exclude<AppendResult, { kind: 'appended' }>,
  { expected }: BatchOptions,
): BatchFailure {
  if (result.kind === 'deleted') return { kind: 'StreamDeleted' }
  if (result.kind === 'failed') return { kind: 'Unknown' }
  return { kind: 'WrongExpectedVersion', current: result.current, expected }
}
