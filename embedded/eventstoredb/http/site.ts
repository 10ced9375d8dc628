import type { RequestListener } from 'node:http'

import createRouter, { type HTTPVersion, type Instance } from 'find-my-way'

import { notFound } from './answers.ts'

export type Router = Instance<HTTPVersion.V1>

/** One part of what the node answers over HTTP/1.1, on the port that it shares with gRPC. */
export type Routes = (router: Router) => void

export function httpSite(parts: readonly Routes[]): RequestListener {
  const router = createRouter({
    ignoreTrailingSlash: true,
    // Stream names may be as long as they like.
    maxParamLength: 16_384,
    defaultRoute: (_, response) => notFound(response),
    onBadUrl: (_, __, response) => notFound(response),
  })
  for (const part of parts) part(router)
  return (request, response) => {
    router.lookup(request, response)
  }
}
