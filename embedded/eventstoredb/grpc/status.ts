/** The gRPC status codes that this node answers with. */
export const Code = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const

export interface Status {
  readonly code: number
  readonly message: string
  /** Trailers beside the code; clients pick their error class by `exception`. */
  readonly trailers?: Readonly<Record<string, string>>
}

export const okStatus: Status = { code: Code.ok, message: '' }

export class StatusError extends Error {
  override readonly name: string = 'StatusError'
  readonly status: Status

  constructor(status: Status) {
    super(status.message)
    this.status = status
  }
}

export function refuse(code: number, message: string, trailers?: Readonly<Record<string, string>>): never {
  throw new StatusError(trailers === undefined ? { code, message } : { code, message, trailers })
}

/** Whatever was thrown, as a status: our own refusals as they are, the unexpected as UNKNOWN. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  return { code: Code.unknown, message: error instanceof Error ? error.message : String(error) }
}

/** Damaged data, and whatever nobody has thought of. */
export const isOurFault = (error: unknown): boolean =>
  !(error instanceof StatusError) || error.status.code === Code.dataLoss

/** Metadata values travel as ASCII; what is not ASCII is percent-encoded, as gRPC does for its own message. */
export function asciiValue(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (char) => encodeURIComponent(char))
}

/** grpc-message is percent-encoded by the protocol itself, so here the percent sign is escaped too. */
export function grpcMessage(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/gu, (char) => encodeURIComponent(char))
}
