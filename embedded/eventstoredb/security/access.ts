import { Code, StatusError, type Status } from '../grpc/status.ts'

/** Who makes a call. Nobody in particular is anonymous. */
export interface Principal {
  readonly name: string
  readonly groups: readonly string[]
}

export const anonymous: Principal = { name: 'anonymous', groups: [] }
/** Everyone on a node without authentication, and the node itself. */
export const system: Principal = { name: 'system', groups: ['$admins'] }

export const isAnonymous = (principal: Principal): boolean => principal === anonymous

export type StreamOperation = 'read' | 'write' | 'delete' | 'read metadata' | 'write metadata'

/** Who is who, and who may do what. */
export interface Access {
  /** Whether credentials mean anything: without authentication everyone is `system`. */
  readonly enabled: boolean
  /** By an Authorization header. Throws UNAUTHENTICATED if it doesn't prove who it says. */
  authenticate(authorization: string | undefined): Principal | Promise<Principal>
  /** For a metadata stream `$$S`, reading and writing are reading and writing the metadata of S. */
  allowsStream(principal: Principal, operation: StreamOperation, stream: string): boolean
  /** Consumer groups and projections are for operators and administrators. */
  allowsOperations(principal: Principal): boolean
  /** What the node counts and shows of itself is for all users. */
  allowsStatistics(principal: Principal): boolean
  /** Users are for administrators. */
  allowsUserManagement(principal: Principal): boolean
  /** Calls back once, when a stream that may be read may no longer be; returns how to stop watching. */
  onRevoked(principal: Principal, stream: string, revoked: () => void): () => void
}

/** Everyone may do everything, as on a real node that is started insecure. */
export const openAccess: Access = {
  enabled: false,
  authenticate: () => system,
  allowsStream: () => true,
  allowsOperations: () => true,
  allowsStatistics: () => true,
  allowsUserManagement: () => true,
  onRevoked: () => () => undefined,
}

export const accessDenied: Status = {
  code: Code.permissionDenied,
  message: 'Access Denied',
  trailers: { exception: 'access-denied' },
}

/** For what `allows…` answers: goes on, or ends the call with ACCESS DENIED. */
export function demand(allowed: boolean): void {
  if (!allowed) throw new StatusError(accessDenied)
}
