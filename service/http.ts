import { fastify, LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createSerializerCompiler, validatorCompiler } from 'fastify-zod-openapi'
import { Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Check } from './checks.ts'
import { operation } from './operation.ts'
import { answerWithProblems } from './problems.ts'
import { requestIdOf } from './requestId.ts'
import { serveDocument } from './rest/document.ts'
import type { ApiDocument } from './rest/document.ts'

export interface HttpOptions {
  readonly log: FastifyBaseLogger
  readonly registry: Registry
  readonly newId: () => string
  /** Asked at each request, so that checks may be added later. */
  readonly checks: () => readonly Check[]
  /** Addresses and networks of proxies whose word counts for where a request comes from. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Of a service with an API: it documents itself. */
  readonly document?: ApiDocument | undefined
}

/** Largest body that is read, unless a route says otherwise. */
const BODY_LIMIT = 256 * 1024

/**
 * The HTTP surface of a service: `GET /healthz` (alive), `GET /readyz` (200 or 503, and each check by name),
 * `GET /metrics` (Prometheus). A service adds its own routes before it listens.
 */
export const httpOf = ({
  log,
  registry,
  newId,
  checks,
  trustedProxies,
  document,
}: HttpOptions): FastifyInstance => {
  const http = fastify({
    loggerInstance: log,
    // Requests are counted and timed instead; a line for each would cost more than many of them do.
    logController: new LogController({ disableRequestLogging: true }),
    ...(trustedProxies && { trustProxy: [...trustedProxies] }),
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id'], newId),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    return503OnClosing: true,
  })
  http.setValidatorCompiler(validatorCompiler)
  http.setSerializerCompiler(createSerializerCompiler({ stringify: JSON.stringify }))
  answerWithProblems(http)
  measure(http, registry)
  http.addHook('onRequest', (request, reply, next) => {
    void reply.header('x-request-id', request.id)
    next()
  })
  if (document) serveDocument(http, document)
  void http.register(operation({ registry, checks }))
  return http
}

/** Answers what is being asked, then closes. */
export const closeHttp = async (http: FastifyInstance): Promise<void> => {
  // A connection whose request was in hand is idle only after its answer, and would be kept alive then.
  const timer = setInterval(() => http.server.closeIdleConnections(), 20)
  try {
    await http.close()
  } finally {
    clearInterval(timer)
  }
}

const measure = (http: FastifyInstance, registry: Registry) => {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  http.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    duration.labels(request.method, route, String(reply.statusCode)).observe(reply.elapsedTime / 1_000)
    done()
  })
}
