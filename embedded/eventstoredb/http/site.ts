import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

import createRouter, { type HTTPMethod, type HTTPVersion, type Instance } from 'find-my-way'

import { notFound, send } from './answers.ts'
import { discardBody } from './body.ts'
import { isFromElsewhere } from './origin.ts'
import { Problem, problemAnswer } from './problem.ts'

export type Router = Instance<HTTPVersion.V1>

/** One part of what the node answers over HTTP/1.1, on the port that it shares with gRPC. */
export type Routes = (router: Router) => void

const methods: readonly HTTPMethod[] = ['GET', 'POST', 'PUT', 'DELETE']

export function httpSite(parts: readonly Routes[]): RequestListener {
  const router = createRouter({
    ignoreTrailingSlash: true,
    // Stream names may be as long as they like.
    maxParamLength: 16_384,
    defaultRoute: (_, response) => notFound(response),
    onBadUrl: (_, __, response) => refuse(response, new Problem(400, 'The path is not well encoded.')),
    onMaxParamLength: (_, __, response) => refuse(response, new Problem(414, 'The path is too long.')),
  })
  for (const part of parts) part(router)
  return (request, response) => serve(router, request, response)
}

function serve(router: Router, request: IncomingMessage, response: ServerResponse): void {
  const { method: asked = 'GET', url = '/' } = request
  const method = methods.find((known) => known === (asked === 'HEAD' ? 'GET' : asked))
  const found = method === undefined ? null : router.find(method, url)
  if (found === null) {
    refuseMethod(router, request, response)
  } else if (method !== 'GET' && isFromElsewhere(request)) {
    discardBody(request)
    refuse(response, new Problem(403, 'A page of another site may not change anything here.'))
  } else {
    const failed = (error: unknown): void => refuse(response, error)
    try {
      const done: unknown = found.handler(request, response, found.params, found.store, found.searchParams)
      if (done instanceof Promise) done.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

/** No such path, or not with this method. */
function refuseMethod(router: Router, request: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url = '/' } = request
  discardBody(request)
  const known = methods.filter((candidate) => router.find(candidate, url) !== null)
  if (known.length === 0) {
    notFound(response)
    return
  }
  const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  if (method === 'OPTIONS') send(response, { status: 204, extra: { allow } })
  else refuse(response, new Problem(405, `${method} is not for this path.`, { headers: { allow } }))
}

const refuse = (response: ServerResponse, error: unknown): void => send(response, problemAnswer(error))
