import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sku } from '../../domain/product.ts'
import { Product } from '../product.ts'
import type { ProductPage } from '../product.ts'
import { builtInCatalogue } from './catalogue.ts'
import { goods } from './goods.ts'
import { products } from './products.ts'
import { wordsOf } from './words.ts'

const catalogue = builtInCatalogue()

const namesFor = async (search: string) =>
  (await catalogue.page({ first: 100, search })).products.map(({ name }) => name)

/** Every page of a search, one after the other. */
const pagesOf = async (search: string, first: number): Promise<readonly ProductPage[]> => {
  const pages: ProductPage[] = []
  for (let after: Sku | undefined, more = true; more;) {
    const page = await catalogue.page({ first, after, search })
    pages.push(page)
    after = page.endCursor
    more = page.hasNextPage
  }
  return pages
}

describe('the built-in products', () => {
  it('are some two hundred, each as the schema wants it', () => {
    expect(products.length).toBeGreaterThanOrEqual(200)
    for (const product of products) expect(Product.parse(product)).toEqual(product)
  })
  it('have a sku each, and stand in its order', () => {
    const skus = products.map(({ sku }) => sku)
    expect(skus).toEqual([...new Set(skus)].toSorted())
  })
  it.each(['teapot-blue-1l', 'cup-white', 'coffee-beans-espresso-1kg', 'dolls-pram', 'garden-gloves-size-m'])(
    'have skus that people can read: %s',
    async (sku) => {
      expect(await catalogue.product(Sku.parse(sku))).toMatchObject({ sku })
    },
  )
  it('have a name each', () => {
    expect(new Set(products.map(({ name }) => name)).size).toBe(products.length)
  })
  it('are of several categories, with a choice in each', () => {
    for (const [category, items] of Object.entries(goods)) {
      expect(Object.keys(items).length, category).toBeGreaterThanOrEqual(20)
      expect(new Set(Object.values(items)).size, category).toBeGreaterThan(12)
    }
  })
  it('have their pictures on this site', () => {
    for (const { sku, image } of products) expect(image).toBe(`/pictures/${sku}.svg`)
  })
  it.each([
    ['basic', 999],
    ['standard', 2999],
    ['premium', 9999],
  ])('have the package %s at %d cents, of which there are always more', async (sku, amount) => {
    expect(await catalogue.product(Sku.parse(sku))).toMatchObject({
      category: 'packages',
      price: { amount, currency: 'EUR' },
      isLimited: false,
    })
  })
  it('are limited by stock, but for the packages', () => {
    expect(products.filter(({ isLimited }) => !isLimited).map(({ sku }) => sku)).toEqual([
      'basic',
      'premium',
      'standard',
    ])
  })
})

describe('a search', () => {
  it('finds the beginnings of words, in any order', async () => {
    expect(await namesFor('pan fry')).toEqual(['Cast-iron frying pan, 26 cm'])
  })
  it('does not find the middle of words', async () => {
    expect(await namesFor('rying')).toEqual([])
  })
  it('finds nothing unless all words are there', async () => {
    expect(await namesFor('frying teapot')).toEqual([])
  })
  it.each(['creme brulee', 'CRÈME BRÛLÉE', 'Cre\u0300me bru\u0302le\u0301e', 'brul crem'])(
    'does not mind case or accents: %s',
    async (search) => {
      expect(await namesFor(search)).toEqual(['Crème brûlée dishes, set of 4'])
    },
  )
  it.each(['chef’s', "chef's", 'chefs'])('takes an apostrophe as it comes: %s', async (search) => {
    expect(await namesFor(search)).toEqual(['Chef’s knife, 20 cm'])
  })
  it('finds categories too', async () => {
    const found = await namesFor('coffee tea')
    expect(found).toEqual(expect.arrayContaining(Object.keys(goods['tea-and-coffee'])))
  })
  it.each(['', '   ', '—', '%*.'])('for no word at all finds everything: %j', async (search) => {
    const page = await catalogue.page({ first: 100, search })
    expect(page).toMatchObject({ products: products.slice(0, 100), hasNextPage: true })
  })
  it('for any beginnings of a product’s words, in any case and order, finds it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...products),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }),
        fc.boolean(),
        async (product, choices, upper) => {
          const words = wordsOf(`${product.name} ${product.category}`)
          const beginnings = choices.map(([which, length]) => {
            const word = words[which % words.length] ?? ''
            return word.slice(0, 1 + (length % word.length))
          })
          const search = beginnings.join(' ')
          const pages = await pagesOf(upper ? search.toUpperCase() : search, 100)
          expect(pages.flatMap(({ products }) => products)).toContainEqual(product)
        },
      ),
    ))
})

describe('pages', () => {
  it('hold all that a search finds together, in order and once, whatever their size', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('', 's', 'set of', 'tea', 'e', 'no such thing'),
        async (first, search) => {
          const pages = await pagesOf(search, first)
          const found = pages.flatMap(({ products }) => products)
          expect(found).toEqual(
            products.filter(({ name, category }) =>
              wordsOf(search).every((wanted) =>
                wordsOf(`${name} ${category}`).some((word) => word.startsWith(wanted)),
              ),
            ),
          )
          for (const page of pages.slice(0, -1)) expect(page.products).toHaveLength(first)
          for (const page of pages) expect(page.endCursor).toBe(page.products.at(-1)?.sku)
        },
      ),
      { numRuns: 60 },
    ))
  it('go on from a place whose product is gone', async () => {
    const shortly = builtInCatalogue(products.filter((_, i) => i !== 1))
    const page = await shortly.page({ first: 1, after: products[1]?.sku })
    expect(page.products).toEqual([products[2]])
  })
  it.each([0, -1, 101, 1.5, NaN])('are never of %d products', async (first) => {
    await expect(catalogue.page({ first })).rejects.toThrow(RangeError)
  })
})
