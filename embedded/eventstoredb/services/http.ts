import type { RequestListener } from 'node:http'

/** HTTP/1.1 on the gRPC port. Health checks use it; browsing comes here as well. */
export function httpPages(isReady: () => boolean): RequestListener {
  return (request, response) => {
    if (request.url === '/health/live') {
      response.writeHead(isReady() ? 204 : 503).end()
      return
    }
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not Found')
  }
}
