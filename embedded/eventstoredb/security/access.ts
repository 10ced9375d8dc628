/** Who makes a call. Nobody in particular is anonymous. */
export interface Principal {
  readonly name: string
  readonly groups: readonly string[]
}

export const anonymous: Principal = { name: 'anonymous', groups: [] }
/** Everyone on a node without authentication, and the node itself. */
export const system: Principal = { name: 'system', groups: ['$admins'] }

export type StreamOperation = 'read' | 'write' | 'delete' | 'read metadata' | 'write metadata'

/** Who is who, and who may do what. */
export interface Access {
  /** Whether credentials mean anything: without authentication everyone is `system`. */
  readonly enabled: boolean
  /** By an Authorization header. Throws UNAUTHENTICATED if it doesn't prove who it says. */
  authenticate(authorization: string | undefined): Principal | Promise<Principal>
  allowsStream(principal: Principal, operation: StreamOperation, stream: string): boolean
  /** Consumer groups, projections and users are for operators and administrators. */
  allowsOperations(principal: Principal): boolean
}

/** Everyone may do everything, as on a real node that is started insecure. */
export const openAccess: Access = {
  enabled: false,
  authenticate: () => system,
  allowsStream: () => true,
  allowsOperations: () => true,
}
