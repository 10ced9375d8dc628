import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit'
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import { NoSchemaIntrospectionCustomRule } from 'graphql'
import type { GraphQLError, ValidationContext, ValidationRule } from 'graphql'
import { badInput } from './errors.ts'

/** Bytes of a request's body, and of a WebSocket's message. */
export const MAX_BODY = 100 * 1_024
/** Tokens of a document: about ten times GraphiQL's introspection query. */
export const MAX_TOKENS = 2_000
const MAX_DEPTH = 10
const MAX_ALIASES = 15
/** A page of 100 orders with every field costs about 6,000. */
const MAX_COST = 20_000

/** Says so as a validation error, which is cached with the document, instead of throwing each time. */
const onReject = (context: ValidationContext | null, { message }: GraphQLError) =>
  context?.reportError(badInput(message.replace('Syntax Error: ', '')))

const reported = { propagateOnRejection: false, onReject: [onReject] }

/** What a document may not exceed, as validation rules. */
export const limits = (introspection: boolean): readonly ValidationRule[] => [
  maxDepthRule({ n: MAX_DEPTH, flattenFragments: true, ...reported }),
  maxAliasesRule({ n: MAX_ALIASES, ...reported }),
  costLimitRule({ maxCost: MAX_COST, flattenFragments: true, ...reported }),
  ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
]
