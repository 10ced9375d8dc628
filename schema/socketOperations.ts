import { execute, getOperationAST, subscribe } from 'graphql'
import type { DocumentNode, ExecutionArgs, GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql'
import type { ServerOptions, SubscribePayload } from 'graphql-ws'
import type { Extra } from 'graphql-ws/use/ws'
import { requestIdOf } from '../service/requestId.ts'
import type { ApiContext } from './context.ts'
import { apiError, badInput, reveal } from './errors.ts'
import type { ApiParts } from './http.ts'
import { admit, isOpen } from '../access/socket.ts'
import { factsOfSocket } from '../access/facts.ts'
import type { Viewer } from '../access/viewer.ts'

/** Operations under way on one connection. */
const MAX_OPERATIONS = 10_000
/** Milliseconds that a client has to say who it is. */
const INIT_TIMEOUT = 5_000

/** What we keep of a connection. */
export interface Known extends Record<PropertyKey, unknown> {
  viewer?: Viewer
  operations?: number
}
export type Params = Record<string, unknown> | undefined

/**
 * GraphQL over a WebSocket: who nobody knows is sent away at once; documents pass the same parser, rules and
 * caches as over HTTP. Updates go through graphql-js alone: there are thousands a second.
 */
export const socketOperations = (parts: ApiParts): ServerOptions<Params, Extra & Known> => {
  const report = parts.report(undefined)
  const shown = (error: GraphQLError) => withoutHttp(reveal(error, report))
  return {
    connectionInitWaitTimeout: INIT_TIMEOUT,
    execute,
    subscribe,

    onConnect: async ({ extra, connectionParams }) => {
      const facts = factsOfSocket(extra.request.headers, connectionParams)
      const viewer = await admit(parts.access, facts, extra.socket)
      if (viewer) extra.viewer = viewer
      return viewer !== undefined
    },

    onSubscribe: ({ extra }, _, payload) => {
      const { viewer, operations = 0 } = extra
      if (!viewer || !isOpen(extra.socket))
        return [apiError('UNAUTHENTICATED', 'This connection has no user.')]
      if (operations >= MAX_OPERATIONS)
        return [apiError('RATE_LIMITED', `At most ${MAX_OPERATIONS} operations at a time on a connection.`)]
      try {
        const prepared = prepare(parts, viewer, payload)
        if ('document' in prepared) extra.operations = operations + 1
        return prepared
      } catch (fault) {
        return [reveal(fault, report)]
      }
    },

    onComplete: ({ extra }) => {
      extra.operations = (extra.operations ?? 1) - 1
    },

    onNext: (_connection, _id, _payload, _args, { errors, data }) =>
      errors && { ...(data !== undefined && { data }), errors: errors.map(shown) },

    onError: (_connection, _id, _payload, errors) => errors.map(shown),
  }
}

/** The part of the engine that makes a document ready to run. */
interface Enveloped {
  readonly schema: GraphQLSchema
  readonly parse: (source: string) => DocumentNode
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[]
}

const prepare = (
  { engine, newId, report }: ApiParts,
  viewer: Viewer,
  { query, operationName, variables, extensions }: SubscribePayload,
): ExecutionArgs | readonly GraphQLError[] => {
  const token = extensions?.['consistencyToken'] ?? undefined
  if (token !== undefined && typeof token !== 'string')
    throw badInput('extensions.consistencyToken: must be a string that we gave out.')
  const requestId = requestIdOf(undefined, newId)
  const contextValue: ApiContext = { viewer, requestId, token, report: report(requestId) }
  const enveloped: Enveloped = engine.getEnveloped({ ...contextValue })
  const { schema } = enveloped
  const document = enveloped.parse(query)
  const errors = enveloped.validate(schema, document)
  if (errors.length > 0) return errors
  if (!getOperationAST(document, operationName)) throw badInput('operationName: there is no such operation.')
  return { schema, document, operationName, variableValues: variables, contextValue }
}

/** An error as it is sent: how HTTP would answer has no meaning here. */
const withoutHttp = (error: GraphQLError): GraphQLFormattedError => {
  const { extensions: { http: _, ...extensions } = {}, ...formatted } = error.toJSON()
  return { ...formatted, extensions }
}
