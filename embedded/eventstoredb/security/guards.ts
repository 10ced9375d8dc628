import type { Handler } from '../grpc/server.ts'
import { demand, type Access } from './access.ts'

/** Consumer groups and projections are managed by operators and administrators. */
export const forOperators =
  (access: Access, handler: Handler): Handler =>
  (call) => {
    demand(access.allowsOperations(call.principal))
    handler(call)
  }
