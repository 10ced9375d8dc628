import { isPassing } from '../eventstore/faults.ts'
import { ApiError } from '../service/errors.ts'
import type { Access } from './access.ts'
import { isViewer } from './viewer.ts'
import type { RequestFacts, Viewer } from './viewer.ts'

/** Why we close a WebSocket; the first two are graphql-ws's own. Whoever is sent away by 4403 may come again. */
export const CLOSED = {
  /** It is not known who is asking. */
  unauthenticated: 4401,
  /** They may not, or not any more: their token has expired or was revoked, or a page of another site is asking. */
  forbidden: 4403,
  /** It can't be found out at the moment. */
  tryAgainLater: 1013,
} as const

/** Bytes of a reason, as the protocol has it. */
const MAX_REASON = 123
/** Milliseconds that a client has to say goodbye. */
const GOODBYE = 1_000

/** The part of a WebSocket of `ws` that it takes to end it. */
export interface EndableSocket {
  readonly readyState: number
  readonly OPEN: number
  close(code: number, reason: string): void
  terminate(): void
  once(event: 'close', listener: () => void): unknown
}

/**
 * Lets somebody in over a WebSocket, for as long as they may stay: when their token expires or is revoked, the socket
 * is closed. Nobody: it was closed with a code that says why, or the client has left.
 */
export const admit = async (
  access: Access,
  facts: RequestFacts,
  socket: EndableSocket,
): Promise<Viewer | undefined> => {
  const known = await access.authenticate(facts).catch(refusal)
  if ('code' in known) end(socket, known.code, known.reason)
  else if (!isViewer(known)) end(socket, CLOSED.unauthenticated, known.unauthenticated)
  else if (isOpen(socket)) {
    endWhenOver(access, known, socket)
    return known
  }
  return undefined
}

/** Closes a socket of somebody who was let in when they may not stay any longer. */
export const endWhenOver = (
  { onceOver }: Pick<Access, 'onceOver'>,
  viewer: Viewer,
  socket: EndableSocket,
): void => {
  const leave = onceOver(viewer, (why) => end(socket, CLOSED.forbidden, why))
  socket.once('close', leave)
}

/** Whether anything that comes over a socket still counts: it may come after we have closed it. */
export const isOpen = ({ readyState, OPEN }: EndableSocket): boolean => readyState === OPEN

const refusal = (fault: unknown) => {
  if (fault instanceof ApiError && fault.code === 'FORBIDDEN')
    return { code: CLOSED.forbidden, reason: fault.message }
  if (isPassing(fault))
    return { code: CLOSED.tryAgainLater, reason: 'It cannot be found out at the moment who you are.' }
  throw fault
}

const end = (socket: EndableSocket, code: number, reason: string) => {
  socket.close(code, Buffer.byteLength(reason) <= MAX_REASON ? reason : '')
  const timer = setTimeout(() => socket.terminate(), GOODBYE)
  socket.once('close', () => clearTimeout(timer))
}
