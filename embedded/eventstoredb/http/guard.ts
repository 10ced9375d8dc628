import type { IncomingMessage } from 'node:http'

import { Code, StatusError } from '../grpc/status.ts'
import {
  anonymous,
  isAnonymous,
  type Access,
  type Principal,
  type StreamOperation,
} from '../security/access.ts'
import { Problem } from './problem.ts'

/** The one place where requests over HTTP/1.1 are told who they are from and what they may do. */
const unauthenticated = (detail: string): Problem =>
  new Problem(401, detail, { headers: { 'www-authenticate': 'Basic realm="EventStoreDB", charset="UTF-8"' } })

export async function principalOf(access: Access, request: IncomingMessage): Promise<Principal> {
  try {
    return await access.authenticate(request.headers.authorization)
  } catch (error) {
    const disbelieved = error instanceof StatusError && error.status.code === Code.unauthenticated
    throw disbelieved ? unauthenticated('These credentials are not known here.') : error
  }
}

export function requireStream(
  access: Access,
  principal: Principal,
  operation: StreamOperation,
  stream: string,
): void {
  if (!access.allowsStream(principal, operation, stream)) deny(principal, `${operation} the stream ${stream}`)
}

export function requireOperations(access: Access, principal: Principal): void {
  if (!access.allowsOperations(principal)) deny(principal, 'do this: it is for operators')
}

export function requireStatistics(access: Access, principal: Principal): void {
  if (!access.allowsStatistics(principal)) deny(principal, 'see this: it is for users')
}

/** Whether anybody may see it, and so also any cache on the way. */
export const isPublic = (access: Access, stream: string): boolean =>
  access.allowsStream(anonymous, 'read', stream)

function deny(principal: Principal, what: string): never {
  if (isAnonymous(principal)) throw unauthenticated(`Without credentials nobody may ${what}.`)
  throw new Problem(403, `${principal.name} may not ${what}.`)
}
