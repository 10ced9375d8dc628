import { GraphQLError } from 'graphql'
import { z } from 'zod'
import { Contended, isPassing, Overloaded } from '../eventstore/faults.ts'
import { ApiError, CODES } from '../service/errors.ts'
import type { Code } from '../service/errors.ts'
import { naming } from './named.ts'

export type { Code }

const codes: ReadonlySet<unknown> = new Set(CODES)

export const isCode = (code: unknown): code is Code => codes.has(code)

/** An error that is meant for the client, word by word. */
export const apiError = (
  code: Code,
  message: string,
  extensions: Readonly<Record<string, unknown>> = {},
): GraphQLError => new GraphQLError(message, { extensions: { code, ...extensions } })

/** The client's mistake; the message names the field. */
export const badInput = (message: string): GraphQLError => apiError('BAD_INPUT', message)

/** Told of every fault whose cause the client is not shown. */
export type Report = (code: Code, fault: unknown) => void

/**
 * What a client may see of a fault. Errors made for clients pass as they are; what the GraphQL library says
 * of a bad document or bad variables is the client's mistake; all else is masked and reported.
 */
export const reveal = (fault: unknown, report: Report): GraphQLError => {
  if (fault instanceof GraphQLError) {
    if (isCode(fault.extensions['code'])) return fault
    const cause = rootOf(fault)
    if (cause instanceof GraphQLError) {
      if (fault.path === undefined) return asBadInput(fault)
    } else if (cause !== fault) return located(fault, mask(cause, report))
    return located(fault, mask(fault, report))
  }
  return mask(fault, report)
}

/** An error that was meant for clients from the beginning, as GraphQL says it. */
export const shown = ({ code, message, told }: ApiError): GraphQLError => apiError(code, message, { ...told })

const mask = (fault: unknown, report: Report): GraphQLError => {
  if (fault instanceof ApiError) {
    if (fault.code === 'UNAVAILABLE' && fault.cause !== undefined) report('UNAVAILABLE', fault)
    return shown(fault)
  }
  if (fault instanceof Overloaded || fault instanceof Contended || isPassing(fault)) {
    report('UNAVAILABLE', fault)
    return apiError('UNAVAILABLE', 'This cannot be answered at the moment; try again.')
  }
  report('INTERNAL', fault)
  return apiError('INTERNAL', 'Something went wrong on our side.')
}

/** The error that started it, below all that the library wrapped around it. */
const rootOf = (fault: GraphQLError): unknown => {
  const { originalError } = fault
  if (!originalError) return fault
  return originalError instanceof GraphQLError ? rootOf(originalError) : originalError
}

const asBadInput = (fault: GraphQLError): GraphQLError => {
  const { nodes, source, positions } = fault
  const http = fault.extensions['http']
  return new GraphQLError(naming(nodes?.[0], fault.message), {
    ...(nodes ? { nodes } : { source, positions }),
    extensions: { code: 'BAD_INPUT', ...(http !== undefined && { http }) },
  })
}

const BAD_REQUEST = { status: 400, spec: true }
const hasStatus = z.object({ http: z.object({ status: z.number().refine((status) => status !== 400) }) })

/**
 * A mistake for which nothing was executed at all: HTTP says 400, but for clients that accept plain JSON only,
 * to whom GraphQL over HTTP promises 200 for whatever is well-formed.
 */
export const ofRequest = (error: GraphQLError): GraphQLError => {
  const { path, extensions } = error
  if (path !== undefined || extensions['code'] !== 'BAD_INPUT' || hasStatus.safeParse(extensions).success)
    return error
  return located(error, apiError('BAD_INPUT', error.message, { ...extensions, http: BAD_REQUEST }))
}

/** The same error, at the place in the document where the fault was met. */
const located = (place: GraphQLError, error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    ...(place.nodes ? { nodes: place.nodes } : { source: place.source, positions: place.positions }),
    path: place.path,
    extensions: error.extensions,
  })
