import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { pictureOf } from '../catalogue/builtIn/picture.ts'
import type { Catalogue } from '../catalogue/product.ts'
import { Sku } from '../domain/product.ts'
import { sendProblem } from '../service/problems.ts'

/** Seconds for which a picture is shown without asking whether it is still the same. */
const MAX_AGE = 86_400

const File = z.object({
  file: z
    .string()
    .regex(/\.svg$/)
    .transform((file) => file.slice(0, -'.svg'.length))
    .pipe(Sku),
})

/** Adds `GET /pictures/<sku>.svg` for everybody: the pictures to which the built-in products refer. */
export const servePictures = (http: FastifyInstance, catalogue: Catalogue): void => {
  http.get('/pictures/:file', async (request, reply) => {
    const asked = File.safeParse(request.params)
    const product = asked.success ? await catalogue.product(asked.data.file) : undefined
    return product
      ? send(request, reply, pictureOf(product))
      : sendProblem(reply, { status: 404, detail: 'There is no such picture.' })
  })
}

const send = ({ headers }: FastifyRequest, reply: FastifyReply, svg: string) => {
  const etag = `"${createHash('sha256').update(svg).digest('base64url').slice(0, 22)}"`
  void reply
    .header('etag', etag)
    .header('cache-control', `public, max-age=${MAX_AGE}`)
    // Opened on its own, it is a document of this site: it may show itself, and do nothing else.
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .header('x-content-type-options', 'nosniff')
  return isKnown(headers['if-none-match'], etag)
    ? reply.code(304).send()
    : reply.type('image/svg+xml; charset=utf-8').send(svg)
}

/** Whether the client has this very picture: `If-None-Match` lists what it has, compared weakly, or is `*`. */
const isKnown = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === etag || tag === '*')
