import type { Routes } from './site.ts'

/** For orchestrators: 204 when the node takes calls, 503 before. */
export function healthRoutes(isReady: () => boolean): Routes {
  return (router) => {
    router.on('GET', '/health/live', (_, response) => {
      response.writeHead(isReady() ? 204 : 503).end()
    })
  }
}
