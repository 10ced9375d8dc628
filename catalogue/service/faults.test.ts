import { describe, expect, it } from 'vitest'
import { Sku } from '../../domain/product.ts'
import { CatalogueUnavailable } from '../unavailable.ts'
import { clientOf, json, productNamed, serving, skus } from './underTest.ts'
import type { Behaviour } from './underTest.ts'

const basic = Sku.parse('basic')

const good: Behaviour = (response) => json(response, productNamed('basic'))
const hanging: Behaviour = () => undefined
const hangingBody: Behaviour = (response) => response.writeHead(200).write('{"sku": "bas')
const reset: Behaviour = (_, request) => request.socket.resetAndDestroy()
const closed: Behaviour = (_, request) => request.socket.destroy()
const cutShort: Behaviour = (response) =>
  response.writeHead(200, { 'content-length': '1000' }).write('{"sku": ', () => response.destroy())
const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(code, headers).end('{"message": "no"}')

/** One way after the other; the last one for ever. */
const inTurn =
  (...ways: readonly Behaviour[]): Behaviour =>
  (response, request, nth) =>
    (ways[nth - 1] ?? ways.at(-1))?.(response, request, nth)

const failureOf = async (asking: Promise<unknown>): Promise<CatalogueUnavailable> => {
  const fault = await asking.then(
    () => undefined,
    (fault: unknown) => fault,
  )
  if (!(fault instanceof CatalogueUnavailable)) throw new Error('not unavailable', { cause: fault })
  return fault
}

describe('a fault that passes is tried again', () => {
  it.each<[string, Behaviour]>([
    ['a status of 500', status(500)],
    ['a status of 503', status(503)],
    ['a status of 503 with a body that does not end', (response) => response.writeHead(503).write('{')],
    ['a status of 429', status(429)],
    ['a connection that is reset', reset],
    ['a connection that is closed', closed],
    ['a body that is cut short', cutShort],
    ['no answer', hanging],
    ['a body that does not end', hangingBody],
  ])('%s', async (_, bad) => {
    const server = await serving(inTurn(bad, good))
    const catalogue = clientOf(server.url, { timeout: 500 })
    expect(await catalogue.product(basic)).toMatchObject({ sku: 'basic' })
    expect(server.asked).toHaveLength(2)
    expect(catalogue.failures).toEqual([])
  })
})

describe('a fault that does not pass in as many tries as there are', () => {
  it.each<[string, Behaviour, RegExp]>([
    ['a status of 503', status(503), /status 503/],
    ['a connection that is reset', reset, /connection/],
    ['no answer', hanging, /no answer within 50 ms/],
    ['a body that does not end', hangingBody, /no answer within 50 ms/],
  ])('%s', async (_, bad, cause) => {
    const server = await serving(bad)
    const catalogue = clientOf(server.url, { timeout: 50 })
    const fault = await failureOf(catalogue.product(basic))
    expect(fault.message).toBe('The product service does not answer.')
    expect(String(fault.cause)).toMatch(cause)
    expect(server.asked).toHaveLength(3)
    expect(catalogue.failures).toEqual([fault])
  })

  it('nobody listens', async () => {
    const server = await serving(good)
    await server.stop()
    const fault = await failureOf(clientOf(server.url).product(basic))
    expect(fault.cause).toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })
})

it('a question has a deadline, however many tries there are', async () => {
  const server = await serving(status(503))
  const catalogue = clientOf(server.url, {
    deadline: 500,
    policy: { tries: Infinity, firstDelay: 1, maxDelay: 5 },
  })
  const fault = await failureOf(catalogue.product(basic))
  expect(fault.cause).toMatchObject({ message: '/products/basic: status 503' })
  expect(server.asked.length).toBeGreaterThan(1)
})

it('the last try has no more time than the deadline leaves', async () => {
  const server = await serving(hanging)
  const fault = await failureOf(clientOf(server.url, { deadline: 100, timeout: 60_000 }).product(basic))
  expect(fault.message).toBe('The product service does not answer.')
})

describe('an answer that makes no sense is not asked for again', () => {
  it.each<[string, Behaviour, RegExp]>([
    ['no JSON', (response) => response.end('<html>'), /JSON/],
    ['half of it', (response) => response.end('{"sku": "basic"'), /JSON/],
    ['nothing', (response) => response.end(), /JSON/],
    ['null', (response) => json(response, null), /expected object/],
    [
      'a product without a price',
      (response) => json(response, { ...productNamed('basic'), price: null }),
      /price/,
    ],
    [
      'a price that is not whole',
      (response) => json(response, { ...productNamed('basic'), price: { amount: 9.99, currency: 'EUR' } }),
      /amount/,
    ],
    [
      'a picture that is a script',
      (response) => json(response, { ...productNamed('basic'), image: 'javascript:alert(1)' }),
      /image/,
    ],
    ['another product', (response) => json(response, productNamed('premium')), /it is premium/],
    ['a status of 400', status(400), /status 400/],
    ['a status of 204', (response) => response.writeHead(204).end(), /status 204/],
    ['no HTTP', (_, request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n'), /Pars|Expected HTTP/],
  ])('%s', async (_, bad, cause) => {
    const server = await serving(bad)
    const fault = await failureOf(clientOf(server.url).product(basic))
    expect(fault.message).toBe('The product service gave an answer that makes no sense.')
    expect(String(fault.cause)).toMatch(cause)
    expect(server.asked).toHaveLength(1)
  })

  it('fifty megabytes, of which it reads no more than it must', async () => {
    const megabyte = Buffer.alloc(1_024 * 1_024, ' ')
    const ended = Promise.withResolvers<{ readonly finished: boolean }>()
    const server = await serving((response) => {
      let left = 50
      const go = () => {
        while (left-- > 0) if (!response.write(megabyte)) return response.once('drain', go)
        return response.end()
      }
      response.once('close', () => ended.resolve({ finished: response.writableFinished }))
      go()
    })
    const fault = await failureOf(clientOf(server.url).product(basic))
    expect(String(fault.cause)).toContain('exceeded max size')
    expect(await ended.promise).toEqual({ finished: false })
    expect(server.asked).toHaveLength(1)
  })

  it.each([301, 302, 303, 307, 308])('a redirect (%d), which leads nobody anywhere', async (code) => {
    const elsewhere = await serving(good)
    const server = await serving(status(code, { location: `${elsewhere.url}/products/basic` }))
    const fault = await failureOf(clientOf(server.url).product(basic))
    expect(String(fault.cause)).toContain(`status ${code}`)
    expect(elsewhere.asked).toEqual([])
    expect(server.asked).toHaveLength(1)
  })

  it('a list that does not exist', async () => {
    const catalogue = clientOf((await serving(status(404))).url)
    await failureOf(catalogue.page({ first: 10 }))
    await failureOf(catalogue.products(skus('basic', 'premium')))
  })

  it.each<[string, unknown]>([
    ['no list', { products: 'all', endCursor: null, hasNextPage: false }],
    ['not said whether there are more', { products: [], endCursor: null }],
    ['no end', { products: [productNamed('a')], endCursor: null, hasNextPage: true }],
    ['more after nothing', { products: [], endCursor: 'a', hasNextPage: true }],
    [
      'more than was asked for',
      { products: ['a', 'b', 'c'].map(productNamed), endCursor: 'c', hasNextPage: false },
    ],
    ['an end where it began', { products: [productNamed('a')], endCursor: 'start', hasNextPage: true }],
  ])('a page: %s', async (_, body) => {
    const catalogue = clientOf((await serving((response) => json(response, body))).url)
    await failureOf(catalogue.page({ first: 2, after: Sku.parse('start') }))
  })
})

describe('one bad product', () => {
  const list = (response: Parameters<Behaviour>[0]) =>
    json(response, {
      products: [productNamed('a'), { ...productNamed('b'), name: '' }, 17, productNamed('c')],
      endCursor: 'c',
      hasNextPage: false,
    })

  it('of a page does not hide the others', async () => {
    const catalogue = clientOf((await serving(list)).url)
    const { products } = await catalogue.page({ first: 10 })
    expect(products.map(({ sku }) => sku)).toEqual(['a', 'c'])
    expect(catalogue.unreadable.map(({ sku }) => sku)).toEqual(['b', undefined])
    expect(catalogue.failures).toEqual([])
  })

  it('of many does not hide the others', async () => {
    const catalogue = clientOf((await serving(list)).url)
    const found = await catalogue.products(skus('a', 'b', 'c', 'd'))
    expect([...found.keys()]).toEqual(['a', 'c'])
  })

  it('of many is not said not to exist', async () => {
    const catalogue = clientOf((await serving(list)).url)
    const [a, b, , d] = await Promise.allSettled(
      skus('a', 'b', 'c', 'd').map((sku) => catalogue.product(sku)),
    )
    expect(a).toMatchObject({ status: 'fulfilled', value: { sku: 'a' } })
    expect(b).toMatchObject({ status: 'rejected', reason: { name: 'CatalogueUnavailable' } })
    // It may be the one that could not be read at all.
    expect(d).toMatchObject({ status: 'rejected', reason: { name: 'CatalogueUnavailable' } })
  })
})

it('fields that we do not know are nobody’s fault', async () => {
  const server = await serving((response) => json(response, { ...productNamed('basic'), colour: 'blue' }))
  expect(await clientOf(server.url).product(basic)).toEqual(productNamed('basic'))
})

describe('Retry-After', () => {
  it('is waited for', async () => {
    const server = await serving(inTurn(status(429, { 'retry-after': '1' }), good))
    expect(await clientOf(server.url).product(basic)).toMatchObject({ sku: 'basic' })
    const [first = 0, second = 0] = server.times
    expect(second - first).toBeGreaterThan(950)
  })

  it.each([429, 503])('after %d: nobody asks before, and whoever can’t wait is told', async (code) => {
    const server = await serving(status(code, { 'retry-after': '30' }))
    const catalogue = clientOf(server.url)
    const first = await failureOf(catalogue.product(basic))
    const second = await failureOf(catalogue.page({ first: 10 }))
    expect(first.message).toBe('The product service takes no more requests at the moment.')
    for (const fault of [first, second]) {
      expect(fault.retryAfter).toBeGreaterThan(20)
      expect(fault.retryAfter).toBeLessThanOrEqual(30)
    }
    expect(server.asked).toHaveLength(1)
  })

  it('may be a date', async () => {
    const date = new Date(Date.now() + 3_600_000)
    const server = await serving(
      status(429, {
        date: date.toUTCString(),
        'retry-after': new Date(date.getTime() + 20_000).toUTCString(),
      }),
    )
    const fault = await failureOf(clientOf(server.url).product(basic))
    expect(fault.retryAfter).toBeGreaterThan(10)
    expect(fault.retryAfter).toBeLessThanOrEqual(20)
  })
})
