import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { Sku } from '../../domain/product.ts'
import { builtInCatalogue } from '../builtIn/catalogue.ts'
import type { CatalogueUnavailable } from '../unavailable.ts'
import type { Unreadable } from './answers.ts'
import { productService } from './client.ts'
import type { ProductServiceOptions } from './client.ts'

/** Answers one request; `nth` counts them from 1. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage, nth: number) => void

/** A real HTTP server that behaves as it is told, and notes what it saw. Ends with the test. */
export const serving = async (behave: Behaviour) => {
  const asked: string[] = []
  const times: number[] = []
  let atOnce = 0
  let mostAtOnce = 0
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    times.push(performance.now())
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    response.once('close', () => atOnce--)
    behave(response, request, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(stop)
  const { port } = z.object({ port: z.number() }).parse(server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    /** Paths with their queries, in the order of asking. */
    asked,
    /** When each was asked, in milliseconds. */
    times,
    atOnce: () => atOnce,
    mostAtOnce: () => mostAtOnce,
    stop,
  }
}

export const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** As docs/product-service.md says, with the built-in products. */
export const wellBehaved: Behaviour = (response, request) => {
  void answer(request).then((body) => json(response, body ?? {}, body ? 200 : 404))
}

const answer = async ({ url = '' }: IncomingMessage): Promise<unknown> => {
  const { pathname, searchParams } = new URL(url, 'http://here')
  const catalogue = builtInCatalogue()
  const sku = /^\/products\/([^/]+)$/.exec(pathname)?.[1]
  if (sku !== undefined) return catalogue.product(Sku.parse(sku))
  if (pathname !== '/products') return undefined
  const skus = searchParams.getAll('sku')
  if (skus.length > 0)
    return { products: [...(await catalogue.products(skus.map((sku) => Sku.parse(sku)))).values()] }
  const after = searchParams.get('after')
  return catalogue.page({
    first: Number(searchParams.get('first')),
    search: searchParams.get('search') ?? undefined,
    after: after === null ? undefined : Sku.parse(after),
  })
}

/** A client that is patient with a busy machine and quick to try again, and what it observed. Ends with the test. */
export const clientOf = (url: string, changed: Partial<ProductServiceOptions> = {}) => {
  const failures: CatalogueUnavailable[] = []
  const unreadable: Unreadable[] = []
  let answers = 0
  const time = { now: 1_000 }
  const client = productService({
    url,
    now: () => new Date(),
    timeout: 5_000,
    deadline: 10_000,
    perSecond: 10_000,
    freshFor: 5_000,
    usableFor: 60_000,
    policy: { tries: 3, firstDelay: 2, maxDelay: 10 },
    clock: () => time.now,
    observer: {
      answered: () => answers++,
      failed: (fault) => failures.push(fault),
      unreadable: (products) => unreadable.push(...products),
    },
    ...changed,
  })
  onTestFinished(() => client.close())
  return {
    ...client,
    failures,
    unreadable,
    answers: () => answers,
    /** Lets answers grow older. */
    later: (ms: number) => {
      time.now += ms
    },
  }
}

/** As they are sent over the wire. */
export const productNamed = (sku: string) => ({
  sku,
  name: `The ${sku}`,
  price: { amount: 1_999, currency: 'EUR' },
  category: 'kitchen',
  image: `https://pictures.example/${sku}.jpg`,
  isLimited: true,
})

export const skus = (...names: readonly string[]): readonly Sku[] => names.map((name) => Sku.parse(name))
