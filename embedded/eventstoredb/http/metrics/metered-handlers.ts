import type { Handler, Handlers } from '../../grpc/server.ts'
import type { Meters } from './meters.ts'

/** The same handlers, their calls counted. */
export function metered(handlers: Handlers, meters: Meters): Handlers {
  return new Map(
    [...handlers].map(([method, handler]): [string, Handler] => [
      method,
      (call) => {
        meters.countCall(method)
        handler(call)
      },
    ]),
  )
}
