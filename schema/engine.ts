import { getOperationAST, Kind, parse } from 'graphql'
import type { DocumentNode, ValidationRule } from 'graphql'
import { createSchema, createYoga } from 'graphql-yoga'
import type { Plugin, YogaServerInstance } from 'graphql-yoga'
import type { Logger } from '../service/logger.ts'
import { unauthenticated } from './context.ts'
import type { ApiContext } from './context.ts'
import { ofRequest, reveal } from './errors.ts'
import type { Report } from './errors.ts'
import type { GraphiQL } from './graphiql.ts'
import { limits, MAX_TOKENS } from './limits.ts'
import { typeDefs } from './typeDefs.ts'
import { isViewer } from '../access/viewer.ts'

export type Engine = YogaServerInstance<ApiContext, object>

type Resolvers = NonNullable<Parameters<typeof createSchema<ApiContext>>[0]['resolvers']>

export interface EngineOptions {
  readonly resolvers: Resolvers
  readonly introspection: boolean
  readonly log: Logger
  readonly graphiql: GraphiQL
}

/** The GraphQL engine that HTTP and WebSocket share: one schema, its limits, its errors. */
export const createEngine = ({ resolvers, introspection, graphiql, log }: EngineOptions): Engine => {
  const report = reportTo(log)
  return createYoga<ApiContext, object>({
    schema: createSchema<ApiContext>({ typeDefs: [...typeDefs], resolvers }),
    plugins: [guard(limits(introspection), report)],
    maskedErrors: { maskError: (fault) => ofRequest(reveal(fault, report)) },
    batching: false,
    multipart: false,
    cors: false,
    landingPage: false,
    // The body was read, and its size checked, before.
    maxRequestBodySize: false,
    logging: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    ...graphiql,
  })
}

/** Logs faults whose cause the client is not shown; passing ones are no errors of ours. */
export const reportTo =
  (log: Pick<Logger, 'warn' | 'error'>, requestId?: string): Report =>
  (code, fault) =>
    log[code === 'INTERNAL' ? 'error' : 'warn']({ err: fault, requestId }, `answered ${code}`)

const nothing = () => undefined

/** Limits documents, tells every error of theirs by its code, and lets nobody in unknown. */
const guard = (rules: readonly ValidationRule[], report: Report): Plugin<ApiContext> => ({
  onParse: ({ setParseFn }) =>
    setParseFn((source: string, options?: object) => parse(source, { ...options, maxTokens: MAX_TOKENS })),
  onValidate: ({ addValidationRule }) => {
    for (const rule of rules) addValidationRule(rule)
    return ({ valid, result, setResult }) => {
      if (!valid) setResult(result.map((error) => ofRequest(reveal(error, report))))
    }
  },
  onExecute: ({ args, setResultAndStopExecution }) => {
    const { viewer } = args.contextValue
    if (!isViewer(viewer) && !onlyIntrospects(args))
      setResultAndStopExecution({ errors: [unauthenticated(viewer)] })
  },
  onSubscribe: ({ args: { contextValue }, setResultAndStopExecution }) => {
    const { viewer } = contextValue
    if (!isViewer(viewer)) setResultAndStopExecution({ errors: [unauthenticated(viewer)] })
  },
})

interface Operation {
  readonly document: DocumentNode
  readonly operationName?: string | null
}

/** The schema itself is no secret where introspection is on: GraphiQL reads it before anybody says who they are. */
const onlyIntrospects = ({ document, operationName }: Operation): boolean =>
  getOperationAST(document, operationName)?.selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
  ) ?? false
