import { decodeRead, type ReadRequest } from '../codec/read-request.ts'
import type { Call } from '../grpc/call.ts'
import type { Handler } from '../grpc/server.ts'
import { Code, refuse } from '../grpc/status.ts'
import { accessDenied, demand } from '../security/access.ts'
import type { NodeContext } from './context.ts'
import { readAll } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { subscribeToAll } from './subscribe-to-all.ts'
import { subscribeToStream } from './subscribe-to-stream.ts'

/** Streams.Read: reads and catch-up subscriptions, of one stream or of `$all`. */
export function read(context: NodeContext): Handler {
  return (call) => {
    let request: ReadRequest | undefined
    call.onMessages(
      (message) => (request = checked(decodeRead(message))),
      () => {
        if (request === undefined) refuse(Code.invalidArgument, 'The request is missing.')
        else serve(context, call, request)
      },
    )
  }
}

function serve(context: NodeContext, call: Call, request: ReadRequest): void {
  const { stream, count } = request
  const { access } = context
  call.isSubscription = count === undefined
  demand(access.allowsStream(call.principal, 'read', stream ?? '$all'))
  call.onClosed(access.onRevoked(call.principal, stream ?? '$all', () => call.end(accessDenied)))
  if (stream === undefined) {
    if (count === undefined) subscribeToAll(context, call, request)
    else readAll(context, call, request, count)
  } else if (count === undefined) subscribeToStream(context, call, request, stream)
  else readStream(context, call, request, stream, count)
}

function checked(request: ReadRequest): ReadRequest {
  const { stream, filter, count, backwards, missing } = request
  for (const what of missing) refuse(Code.invalidArgument, `The request lacks its ${what}.`)
  if (stream !== undefined && filter !== undefined) refuse(Code.invalidArgument, 'Only $all can be filtered.')
  if (count === undefined && backwards) refuse(Code.invalidArgument, 'A subscription can only go forwards.')
  if (filter !== undefined && filter.window === undefined) {
    refuse(Code.invalidArgument, 'A filter needs a window.')
  }
  if (stream === '') refuse(Code.invalidArgument, 'A stream needs a name.')
  return request
}
