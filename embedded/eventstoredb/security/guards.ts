import type { Handler } from '../grpc/server.ts'
import { demand, type Access } from './access.ts'

/** Consumer groups are managed by operators and administrators. */
export const forOperators =
  (access: Access, handler: Handler): Handler =>
  (call) => {
    demand(access.allowsOperations(call.principal))
    handler(call)
  }

/** What only tells how projections do. */
const told: ReadonlySet<string> = new Set(['Statistics', 'State', 'Result'])

/** Projections too are managed by operators and administrators; how they do is for all users. */
export const forProjections = (access: Access, method: string, handler: Handler): Handler =>
  told.has(method)
    ? (call) => {
        demand(access.allowsStatistics(call.principal))
        handler(call)
      }
    : forOperators(access, handler)
