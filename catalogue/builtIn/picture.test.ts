import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cup, teapot } from '../../domain/controls.ts'
import { pictureOf } from './picture.ts'
import { products } from './products.ts'
import { elementsOf, parseXml } from './wellFormed.ts'

const kitchenCup = { sku: cup, name: 'A cup', category: 'kitchen' }

const allowedElements = new Set(['svg', 'title', 'g', 'rect', 'circle', 'ellipse', 'path'])

const titleOf = (svg: string) => {
  const [, title] = elementsOf(parseXml(svg))
  return [title?.name, title?.children.map(String).join('')]
}

it('has shapes and a title, nothing from outside and nothing that runs, for every built-in product', () => {
  for (const product of products) {
    const svg = pictureOf(product)
    const root = parseXml(svg)
    expect(root).toMatchObject({
      name: 'svg',
      attributes: { xmlns: 'http://www.w3.org/2000/svg', viewBox: '0 0 240 240', role: 'img' },
    })
    expect(titleOf(svg)).toEqual(['title', product.name])
    const elements = elementsOf(root)
    expect(elements.length).toBeGreaterThan(5)
    for (const { name, attributes } of elements) {
      expect(allowedElements).toContain(name)
      for (const [attribute, value] of Object.entries(attributes)) {
        expect(attribute).not.toMatch(/^on|href|style/i)
        if (attribute !== 'xmlns') expect(value).not.toMatch(/NaN|undefined|Infinity|url|:/)
      }
    }
  }
})

it('is the same for the same product, and another one for each', () => {
  const pictures = products.map(pictureOf)
  expect(products.map(pictureOf)).toEqual(pictures)
  expect(new Set(pictures).size).toBe(products.length)
})

it('differs by sku, not only by name', () => {
  expect(pictureOf({ ...kitchenCup, sku: teapot })).not.toBe(pictureOf(kitchenCup))
})

it('differs by category', () => {
  expect(pictureOf({ ...kitchenCup, category: 'books' })).not.toBe(pictureOf(kitchenCup))
})

it('exists for categories that the built-in shop does not have', () => {
  expect(titleOf(pictureOf({ ...kitchenCup, category: 'submarines' }))).toEqual(['title', 'A cup'])
})

it('is well-formed whatever the product is called, and says the name', () => {
  const character = fc.oneof(
    fc.constantFrom('&', '<', '>', '"', "'"),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  )
  fc.assert(
    fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
      const name = characters.join('')
      expect(titleOf(pictureOf({ ...kitchenCup, name }))).toEqual(['title', name])
    }),
  )
})

it('shows a sign in place of what no XML document may hold', () => {
  expect(titleOf(pictureOf({ ...kitchenCup, name: 'a\0b\u001bc\uffffd\ud800e' }))).toEqual([
    'title',
    'a\ufffdb\ufffdc\ufffdd\ufffde',
  ])
})

it.each([['</title><script>alert(1)</script>'], [`"'><svg onload='alert(1)'>`], [']]> & <!-- -->']])(
  'is well-formed for a product named %j',
  (name) => {
    const [element, title] = titleOf(pictureOf({ ...kitchenCup, name }))
    expect(element).toBe('title')
    expect(title).toBe(name)
  },
)
