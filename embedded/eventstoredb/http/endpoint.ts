import type { HTTPMethod } from 'find-my-way'

import type { NodeContext } from '../services/context.ts'
import { send, type Answer } from './answers.ts'
import { Exchange } from './exchange.ts'
import { principalOf } from './guard.ts'
import { isUnexpected, problemAnswer } from './problem.ts'
import type { Router } from './site.ts'

/** Makes an answer, or throws a `Problem`. */
export type Endpoint = (exchange: Exchange) => Answer | Promise<Answer>

export type AddEndpoint = (method: HTTPMethod, path: string, endpoint: Endpoint) => void

/** Adds endpoints to the router: each is told who asks, and whatever it throws is answered in words. */
export function endpoints(
  router: Router,
  { access, report }: Pick<NodeContext, 'access' | 'report'>,
): AddEndpoint {
  return (method, path, endpoint) => {
    router.on(method, path, async (request, response, params, _, query) => {
      try {
        const principal = await principalOf(access, request)
        send(response, await endpoint(new Exchange(request, response, principal, { params, query })))
      } catch (error) {
        if (isUnexpected(error)) report(`${method} ${request.url} has failed: ${String(error)}`)
        send(response, problemAnswer(error))
      }
    })
  }
}
