import { describe, expect, it, onTestFinished } from 'vitest'
import { Sku } from '../domain/product.ts'
import { builtInCatalogue } from './builtIn/catalogue.ts'
import { products } from './builtIn/products.ts'
import type { Catalogue, Product } from './product.ts'
import { clientOf, serving, wellBehaved } from './service/underTest.ts'
import { CatalogueUnavailable } from './unavailable.ts'

const sku = (text: string) => Sku.parse(text)

/** What every catalogue does, wherever its products are kept. */
describe.each<[string, () => Promise<Catalogue> | Catalogue]>([
  ['the built-in catalogue', () => builtInCatalogue()],
  ['the product service', async () => clientOf((await serving(wellBehaved)).url)],
  ['the product service below a path', async () => clientOf(`${await servingBelow('/shop/v1')}/shop/v1/`)],
])('%s', (_, start) => {
  it('tells a product', async () => {
    const catalogue = await start()
    expect(await catalogue.product(sku('teapot-blue-1l'))).toEqual({
      sku: 'teapot-blue-1l',
      name: 'Teapot, blue, 1 l',
      price: { amount: 3690, currency: 'EUR' },
      category: 'tea-and-coffee',
      image: '/pictures/teapot-blue-1l.svg',
      isLimited: true,
    } satisfies Record<keyof Product, unknown>)
  })

  it('tells that there is no such product', async () => {
    const catalogue = await start()
    expect(await catalogue.product(sku('unicorn'))).toBeUndefined()
  })

  it('tells many products at once, without those that do not exist', async () => {
    const catalogue = await start()
    const asked = ['basic', 'unicorn', 'compass', 'basic'].map(sku)
    const found = await catalogue.products(asked)
    expect([...found].map(([sku, product]) => [sku, product.name])).toEqual([
      ['basic', 'Basic package'],
      ['compass', 'Compass'],
    ])
  })

  it('tells nothing of no products', async () => {
    expect(await (await start()).products([])).toEqual(new Map())
  })

  it('tells all products by pages, in order and once', async () => {
    const catalogue = await start()
    const found: Product[] = []
    for (let after: Sku | undefined, more = true; more;) {
      const page = await catalogue.page({ first: 60, after })
      found.push(...page.products)
      after = page.endCursor
      more = page.hasNextPage
    }
    expect(found).toEqual(products)
  })

  it('tells what a search finds', async () => {
    const catalogue = await start()
    const { products, endCursor, hasNextPage } = await catalogue.page({
      first: 10,
      search: 'pâte creme & 4 ',
    })
    expect(products).toEqual([])
    expect([endCursor, hasNextPage]).toEqual([undefined, false])
    const found = await catalogue.page({ first: 1, search: ' jigsaw  pieces ' })
    expect(found).toMatchObject({ products: [{ sku: 'jigsaw-harbour-500-pieces' }], hasNextPage: true })
  })

  it('never gives a page of more than a hundred', async () => {
    await expect((await start()).page({ first: 101 })).rejects.toThrow(RangeError)
  })

  it('never searches for more than two hundred letters', async () => {
    const catalogue = await start()
    await expect(catalogue.page({ first: 1, search: 'a'.repeat(201) })).rejects.toThrow(RangeError)
  })

  it('leaves whoever has no time left', async () => {
    const catalogue = await start()
    const signal = AbortSignal.abort(new Error('nobody waits'))
    for (const asking of [
      catalogue.product(sku('basic'), signal),
      catalogue.products([sku('basic')], signal),
      catalogue.page({ first: 1 }, signal),
    ])
      await expect(asking).rejects.toThrow(CatalogueUnavailable)
  })
})

/** The same service, whose paths begin with something else. */
const servingBelow = async (base: string) => {
  const server = await serving((response, request, nth) => {
    if (!request.url?.startsWith(`${base}/products`)) return response.writeHead(500).end()
    request.url = request.url.slice(base.length)
    return wellBehaved(response, request, nth)
  })
  onTestFinished(() => expect(server.asked.every((path) => path.startsWith(base))).toBe(true))
  return server.url
}
