import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { products as all } from '../catalogue/builtIn/products.ts'
import { clientOf, json, productNamed, serving } from '../catalogue/service/underTest.ts'
import { startNodes } from '../tests/startNodes.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { keeper, tokenIn } from './shopUnderTest.ts'

let stop: () => Promise<unknown>
let nodes: Awaited<ReturnType<typeof startNodes>>
let api: TestApi
beforeAll(async () => {
  nodes = await startNodes()
  api = await startTestApi(nodes)
  stop = async () => {
    await api.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const ann = person()
const ask = async (query: string, variables: object = {}, token?: string) => {
  const { data, errors } = await api.ask(
    ann,
    query,
    variables,
    token === undefined ? {} : { 'x-consistency-token': token },
  )
  expect(errors).toBeUndefined()
  return data
}

const Products = z.object({
  products: z.object({
    edges: z.array(
      z.object({
        cursor: z.string(),
        node: z.object({ sku: z.string(), available: z.int().nullable() }),
      }),
    ),
    pageInfo: z.object({
      hasNextPage: z.boolean(),
      hasPreviousPage: z.boolean(),
      startCursor: z.string().nullable(),
      endCursor: z.string().nullable(),
    }),
  }),
})
const products = `query ($first: Int, $after: String, $search: String) {
    products(first: $first, after: $after, search: $search) {
      edges { cursor node { sku available } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`
const page = async (variables: object, token?: string) => {
  const { edges, pageInfo } = Products.parse(await ask(products, variables, token)).products
  return { skus: edges.map(({ node }) => node.sku), nodes: edges.map(({ node }) => node), edges, pageInfo }
}

describe('the products', () => {
  it('come page by page, each of them once, in one order', async () => {
    const skus: string[] = []
    let after: string | null = null
    let pages = 0
    for (let more = true; more; pages++) {
      const next: Awaited<ReturnType<typeof page>> = await page({ first: 60, after })
      expect(next.pageInfo.hasPreviousPage).toBe(pages > 0)
      expect(next.pageInfo.startCursor).toBe(next.edges[0]?.cursor)
      skus.push(...next.skus)
      after = next.pageInfo.endCursor
      more = next.pageInfo.hasNextPage
    }
    expect(skus).toEqual(all.map(({ sku }) => sku))
    expect(pages).toBe(Math.ceil(all.length / 60))
  })

  it('are found by words of their names and categories, and go on after any of them', async () => {
    const pans = await page({ search: 'PAN kitchen' })
    expect(pans.skus.length).toBeGreaterThan(1)
    expect(pans.pageInfo.hasNextPage).toBe(false)
    const rest = await page({ search: 'PAN kitchen', after: pans.edges[0]?.cursor })
    expect(rest.skus).toEqual(pans.skus.slice(1))
    expect(await page({ search: 'no such thing' })).toMatchObject({
      skus: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    })
  })

  it('say how many there are, as new as the client’s token; packages have no number', async () => {
    const token = tokenIn(await keeper(api).receive('compass', 7))
    await api.caughtUp(token)
    const { nodes } = await page({ first: 100, search: 'outdoor' }, token)
    const availableOf = new Map(nodes.map(({ sku, available }) => [sku, available]))
    expect(availableOf.get('compass')).toBe(7)
    expect(availableOf.get('hammock')).toBe(0)
    expect((await page({ search: 'packages' })).nodes.every(({ available }) => available === null)).toBe(true)
  })

  it('are listed without waiting for any read model if nobody asks how many there are', async () => {
    // A token of a write that is not projected yet, which anything read with it waits for.
    const far = Buffer.from(`p${10n ** 15n}`).toString('base64url')
    const query = '{ products(first: 1) { edges { node { sku } } } product(sku: "basic") { sku } }'
    expect(await ask(query, {}, far)).toMatchObject({ product: { sku: 'basic' } })
  })
})

it('products that make no sense are left out, and the list goes on after them', async () => {
  const service = await serving((response, { url = '' }) => {
    const isFirst = !url.includes('after=')
    const sane = productNamed(isFirst ? 'axe' : 'hat')
    const products = isFirst ? [sane, { sku: 'bat', price: 'a lot' }] : [sane]
    json(response, { products, endCursor: isFirst ? 'bat' : 'hat', hasNextPage: isFirst })
  })
  const shop = await startTestApi({ ...nodes, catalogue: clientOf(service.url) })
  onTestFinished(() => shop.stop())
  const pageAfter = async (after: string | null) =>
    Products.parse((await shop.ask(ann, products, { first: 2, after })).data).products
  const first = await pageAfter(null)
  const second = await pageAfter(first.pageInfo.endCursor)
  expect([first, second].map(({ edges }) => edges.map(({ node }) => node.sku))).toEqual([['axe'], ['hat']])
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, startCursor: first.edges[0]?.cursor })
  expect(new URL(service.asked[1] ?? '', service.url).searchParams.get('after')).toBe('bat')
})

describe('a product', () => {
  const product = (sku: string) =>
    ask(
      'query ($sku: ID!) { product(sku: $sku) { sku name price { amount currency } category image isLimited available } }',
      { sku },
    )

  it('is shown with its price, its picture and what there is of it', async () => {
    expect(await product('kaleidoscope')).toEqual({
      product: {
        sku: 'kaleidoscope',
        name: 'Kaleidoscope',
        price: { amount: 990, currency: 'EUR' },
        category: 'toys',
        image: '/pictures/kaleidoscope.svg',
        isLimited: true,
        available: 0,
      },
    })
    expect(await product('basic')).toMatchObject({ product: { isLimited: false, available: null } })
  })

  it('has a picture where it says', async () => {
    const response = await api.download('/pictures/kaleidoscope.svg')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<title>Kaleidoscope</title>')
  })

  it.each(['no-such-thing', 'NO SKU', ''])('is null for “%s”', async (sku) =>
    expect(await product(sku)).toEqual({ product: null }),
  )
})
