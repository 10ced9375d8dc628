import { Code, type Status } from '../grpc/status.ts'

/** Errors about streams, as clients tell them apart by their trailers. */
export const streamDeleted = (stream: string): Status => ({
  code: Code.failedPrecondition,
  message: `Event stream '${stream}' is deleted.`,
  trailers: { exception: 'stream-deleted', 'stream-name': stream },
})

export const wrongExpectedVersion = (stream: string, expected: number, actual: number): Status => ({
  code: Code.failedPrecondition,
  message: `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
  trailers: {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expected),
    'actual-version': String(actual),
  },
})

export const storeFailed = (error: Error): Status => ({
  code: Code.unavailable,
  message: `The store can't be written to: ${error.message}`,
})
