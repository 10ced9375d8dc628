import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi'
import { tidied } from './tidied.ts'

/** What a service says of its API beside its routes. */
export interface ApiDocument {
  readonly title: string
  readonly description: string
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  /** How it is told who is asking. */
  readonly auth: 'header' | 'jwt'
}

/** Only what the pages bring themselves, but for one inline style, which they do without; `data:` is for icons. */
const CSP = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
}

const security = {
  header: {
    schemes: {
      user: { type: 'apiKey', in: 'header', name: 'X-User-ID', description: 'Who is asking: a UUID.' },
      role: { type: 'apiKey', in: 'header', name: 'X-User-Role', description: '`USER`, or `ADMIN`.' },
    },
    required: [['user'], ['user', 'role']],
  },
  jwt: {
    schemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    required: [['bearer']],
  },
} as const

/** The tag of what operators ask. */
export const OPERATION = { name: 'operation', description: 'For whoever runs the service.' } as const

/** Documents every route that is registered after it: `/openapi.json`, and `/docs` for people. */
export const serveDocument = (
  http: FastifyInstance,
  { title, description, tags, auth }: ApiDocument,
): void => {
  const { schemes, required } = security[auth]
  void http.register(fastifyZodOpenApiPlugin)
  void http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: '/' }],
      tags: [...tags, OPERATION],
      components: { securitySchemes: schemes },
      security: required.map((names) => Object.fromEntries(names.map((name) => [name, []]))),
    },
    ...fastifyZodOpenApiTransformers,
    transformObject: (document) => tidied(fastifyZodOpenApiTransformers.transformObject(document)),
  })
  void http.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CSP,
    validatorUrl: false,
    theme: { title },
  })
  void http.register((scope, _, done) => {
    scope.get('/openapi.json', { schema: { hide: true } }, () => scope.swagger())
    done()
  })
}
