import type { Access } from './access.ts'
import { isAnonymous } from './access.ts'
import type { Authenticator } from './authenticator.ts'
import { isAdministrator, type StreamAccess } from './stream-access.ts'

const operators = '$ops'

/** Access as on a secure node: users prove who they are, and may do what their groups and the ACLs allow. */
export function secureAccess(authenticator: Authenticator, streams: StreamAccess): Access {
  return {
    enabled: true,
    authenticate: (authorization) => authenticator.authenticate(authorization),
    allowsStream: (principal, operation, stream) => streams.allows(principal, operation, stream),
    allowsOperations: (principal) => isAdministrator(principal) || principal.groups.includes(operators),
    allowsStatistics: (principal) => !isAnonymous(principal),
    allowsUserManagement: isAdministrator,
    onRevoked: (principal, stream, revoked) => streams.onRevoked(principal, stream, revoked),
  }
}
