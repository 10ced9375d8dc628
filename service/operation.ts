import type { FastifyPluginCallback } from 'fastify'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { readinessOf } from './checks.ts'
import type { Check } from './checks.ts'
import { OPERATION } from './rest/document.ts'

export interface OperationOptions {
  readonly registry: Registry
  readonly checks: () => readonly Check[]
}

const Alive = z.object({ status: z.literal('alive') }).meta({ id: 'Alive' })
const Ready = z
  .object({
    status: z.enum(['ready', 'not ready']),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.string().optional() })),
  })
  .meta({ id: 'Ready', description: 'Each of the checks by name, and why it fails.' })

const documented = { tags: [OPERATION.name], security: [] }
const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})

/** What operators ask of every service: is it alive, is it of use, how is it doing. */
export const operation =
  ({ registry, checks }: OperationOptions): FastifyPluginCallback =>
  (http, _, done) => {
    http.get(
      '/healthz',
      {
        schema: {
          ...documented,
          operationId: 'healthz',
          summary: 'Is it alive?',
          description: 'Answers while the process does.',
          response: { 200: json('It is.', Alive) },
        },
      },
      () => ({ status: 'alive' }),
    )
    http.get(
      '/readyz',
      {
        schema: {
          ...documented,
          operationId: 'readyz',
          summary: 'Is it of use?',
          description: 'Whether its stores answer, and whether it is caught up with what it follows.',
          response: { 200: json('It is.', Ready), 503: json('It is not: some checks fail.', Ready) },
        },
      },
      async (_, reply) => {
        const { ready, checks: results } = await readinessOf(checks())
        void reply.code(ready ? 200 : 503).header('cache-control', 'no-store')
        return { status: ready ? 'ready' : 'not ready', checks: results }
      },
    )
    http.get(
      '/metrics',
      {
        schema: {
          ...documented,
          operationId: 'metrics',
          summary: 'How is it doing?',
          description: 'Metrics in the text format of Prometheus.',
          response: {
            200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
          },
        },
      },
      async (_, reply) => {
        void reply.type(registry.contentType)
        return registry.metrics()
      },
    )
    done()
  }
