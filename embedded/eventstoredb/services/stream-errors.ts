import { toWire } from '../codec/uint64.ts'
import { Code, type Status } from '../grpc/status.ts'
import type { Refusal } from './append-limits.ts'

/** Errors about streams, as clients tell them apart by their trailers. */
export const streamDeleted = (stream: string): Status => ({
  code: Code.failedPrecondition,
  message: `Event stream '${stream}' is deleted.`,
  trailers: { exception: 'stream-deleted', 'stream-name': stream },
})

export function wrongExpectedVersion(stream: string, expected: number, actual: number): Status {
  const version = String(toWire(expected))
  return {
    code: Code.failedPrecondition,
    message: `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${version}, Actual version: ${actual}`,
    trailers: {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': version,
      'actual-version': String(actual),
    },
  }
}

/** No `exception`: clients know a timeout by its code. */
export const timedOut: Status = {
  code: Code.aborted,
  message: 'The write was not done in time; it may be done yet.',
}

export const storeFailed = (error: Error): Status => ({
  code: Code.unavailable,
  message: `The store can't be written to: ${error.message}`,
})

/** An append that is refused whatever its stream is like. */
export function refused(refusal: Refusal): Status {
  const code = Code.invalidArgument
  switch (refusal.kind) {
    case 'MaximumAppendSizeExceeded':
      return {
        code,
        message: `Maximum Append Size of ${refusal.limit} Exceeded.`,
        trailers: {
          exception: 'maximum-append-size-exceeded',
          'maximum-append-size': String(refusal.limit),
        },
      }
    case 'MaximumAppendEventSizeExceeded':
      return {
        code,
        message: `Event ${refusal.eventId} has ${refusal.size} bytes, of which ${refusal.limit} are allowed.`,
        trailers: {
          exception: 'maximum-append-event-size-exceeded',
          'event-id': refusal.eventId,
          'maximum-append-event-size': String(refusal.limit),
          'proposed-append-event-size': String(refusal.size),
        },
      }
    case 'MissingMetadata':
      return {
        code,
        message: 'An event needs a type and a content type.',
        trailers: {
          exception: 'missing-required-metadata-property',
          'required-metadata-properties': 'type,content-type',
        },
      }
    case 'BadRequest':
      break
  }
  return { code, message: refusal.message }
}
