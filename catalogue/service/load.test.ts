import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Sku } from '../../domain/product.ts'
import { CatalogueUnavailable } from '../unavailable.ts'
import { MOST_AT_ONCE } from './client.ts'
import { clientOf, json, productNamed, serving, skus } from './underTest.ts'
import type { Behaviour } from './underTest.ts'

/** The product that the path asks for. */
const asAsked: Behaviour = (response, { url = '' }) =>
  json(response, productNamed(url.replace('/products/', '')))

/** A server that answers when it is told. */
const holding = async () => {
  const held: (() => void)[] = []
  const server = await serving((...exchange) => held.push(() => asAsked(...exchange)))
  return {
    ...server,
    held,
    letGo: () => {
      for (const answer of held.splice(0)) answer()
    },
  }
}

/** Questions that go out one by one: those of one turn would share a request. */
const oneByOne = async <T>(names: readonly string[], ask: (sku: Sku) => Promise<T>) => {
  const asking: Promise<PromiseSettledResult<T>>[] = []
  for (const sku of skus(...names)) {
    asking.push(Promise.allSettled([ask(sku)]).then(([settled]) => settled))
    await new Promise(setImmediate)
  }
  return asking
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `product-${i + 1}`)

describe('many questions at once', () => {
  it('are all answered, and the service never has more than ten of them', async () => {
    const responses: ServerResponse[] = []
    const server = await serving((response, request, nth) => {
      responses.push(response)
      setImmediate(() => asAsked(response, request, nth))
    })
    const catalogue = clientOf(server.url)
    const asking = await oneByOne(names(60), (sku) => catalogue.product(sku))
    const settled = await Promise.all(asking)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(60)
    expect(server.asked).toHaveLength(60)
    expect(server.mostAtOnce()).toBeLessThanOrEqual(MOST_AT_ONCE)
  })

  it('use all ten places, and the rest wait', async () => {
    const server = await holding()
    const catalogue = clientOf(server.url)
    const asking = await oneByOne(names(25), (sku) => catalogue.product(sku))
    await expect.poll(() => server.held.length).toBe(MOST_AT_ONCE)
    expect(server.asked).toEqual(names(10).map((name) => `/products/${name}`))
    while (server.asked.length < 25) {
      server.letGo()
      await expect.poll(() => server.held.length).toBeGreaterThan(0)
      expect(server.atOnce()).toBeLessThanOrEqual(MOST_AT_ONCE)
    }
    server.letGo()
    expect((await Promise.all(asking)).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(server.mostAtOnce()).toBe(MOST_AT_ONCE)
  })

  it('are refused at once when the queue is full, and taken again when it is not', async () => {
    const server = await holding()
    const catalogue = clientOf(server.url, { mostWaiting: 3 })
    const asking = await oneByOne(names(13), (sku) => catalogue.product(sku))
    await expect.poll(() => server.held.length).toBe(MOST_AT_ONCE)
    const refusal = catalogue.product(Sku.parse('one-too-many'))
    await expect(refusal).rejects.toThrow(CatalogueUnavailable)
    await expect(refusal).rejects.toThrow('Too many requests wait for the product service already.')
    server.letGo()
    await expect.poll(() => server.held.length).toBe(3)
    const late = catalogue.product(Sku.parse('late'))
    await expect.poll(() => server.held.length).toBe(4)
    server.letGo()
    expect(await late).toMatchObject({ sku: 'late' })
    for (const { status } of await Promise.all(asking)) expect(status).toBe('fulfilled')
  })

  it('are refused when their deadline passes, and leave places and queue to the next', async () => {
    const server = await holding()
    const catalogue = clientOf(server.url, { mostWaiting: 1, deadline: 2_000 })
    const asking = await oneByOne(names(11), (sku) => catalogue.product(sku))
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual(names(11).map(() => 'rejected'))
    const next = catalogue.product(Sku.parse('next'))
    await expect.poll(() => server.asked.at(-1)).toBe('/products/next')
    server.held.at(-1)?.()
    expect(await next).toMatchObject({ sku: 'next' })
  })
})

describe('questions of the same moment', () => {
  it('are one request', async () => {
    const server = await serving((response) => json(response, { products: ['a', 'b'].map(productNamed) }))
    const catalogue = clientOf(server.url)
    const [a, b] = skus('a', 'b')
    if (!a || !b) throw new Error('there are two')
    const found = await Promise.all([catalogue.product(a), catalogue.product(b), catalogue.products([b, a])])
    expect(found.slice(0, 2)).toMatchObject([{ sku: 'a' }, { sku: 'b' }])
    expect(found[2]).toEqual(new Map([b, a].map((sku) => [sku, productNamed(sku)])))
    expect(server.asked).toEqual(['/products?sku=a&sku=b'])
  })

  it('are one request for every fifty products', async () => {
    const server = await serving((response, { url = '' }) => {
      const { searchParams } = new URL(url, 'http://here')
      json(response, { products: searchParams.getAll('sku').map(productNamed) })
    })
    const found = await clientOf(server.url).products(skus(...names(120)))
    expect([...found.keys()]).toEqual(names(120))
    expect(server.asked.map((path) => path.split('sku=').length - 1).toSorted((a, b) => a - b)).toEqual([
      20, 50, 50,
    ])
  })
})

describe('the rate limit', () => {
  it('refuses at once what would have to wait for longer than its deadline', async () => {
    const server = await serving(asAsked)
    const catalogue = clientOf(server.url, { perSecond: 2, deadline: 500 })
    const [first, second, third] = await Promise.all(
      await oneByOne(['a', 'b', 'c'], (sku) => catalogue.product(sku)),
    )
    expect([first, second]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
    expect(third).toMatchObject({ status: 'rejected', reason: { retryAfter: 1 } })
    expect(server.asked).toHaveLength(2)
  })

  it('lets the rest wait for their turn', async () => {
    const server = await serving(asAsked)
    const catalogue = clientOf(server.url, { perSecond: 4 })
    const settled = await Promise.all(await oneByOne(names(6), (sku) => catalogue.product(sku)))
    for (const { status } of settled) expect(status).toBe('fulfilled')
    const [first = 0, , , , fifth = 0] = server.times
    // It takes a moment until the service sees the first one.
    expect(fifth - first).toBeGreaterThan(500)
  })
})

describe('whoever has no time left', () => {
  it('leaves, and the others get their answer', async () => {
    const server = await holding()
    const catalogue = clientOf(server.url)
    const a = Sku.parse('a')
    const leaving = new AbortController()
    const impatient = catalogue.product(a, leaving.signal)
    const patient = catalogue.product(a, new AbortController().signal)
    await expect.poll(() => server.held.length).toBe(1)
    leaving.abort()
    await expect(impatient).rejects.toThrow(CatalogueUnavailable)
    server.letGo()
    expect(await patient).toMatchObject({ sku: 'a' })
    expect(server.asked).toHaveLength(1)
  })

  it('is told why in the cause', async () => {
    const server = await holding()
    const catalogue = clientOf(server.url)
    const asking = catalogue.product(Sku.parse('a'), AbortSignal.timeout(20))
    await expect(asking).rejects.toMatchObject({
      name: 'CatalogueUnavailable',
      cause: { name: 'TimeoutError' },
    })
    await expect.poll(() => server.held.length).toBe(1)
    server.letGo()
  })
})
