import { describe, expect, it } from 'vitest'
import { Product } from './product.ts'

const product = {
  sku: 'teapot-blue-1l',
  name: 'Teapot, blue, 1 l',
  price: { amount: 3_690, currency: 'EUR' },
  category: 'tea-and-coffee',
  image: '/pictures/teapot-blue-1l.svg',
  isLimited: true,
}

const isValid = (changed: Readonly<Record<string, unknown>>) =>
  Product.safeParse({ ...product, ...changed }).success

describe('a product', () => {
  it('is what the catalogue says of it', () => {
    expect(Product.parse(product)).toEqual(product)
  })
  it.each(Object.keys(product))('needs its %s', (field) => {
    expect(isValid({ [field]: undefined })).toBe(false)
  })
  it.each(['', '   ', 'x'.repeat(201)])('is not named %j', (name) => {
    expect(isValid({ name })).toBe(false)
  })
  it.each([0, -1, 9.99, '1', 2 ** 53])('does not cost %j', (amount) => {
    expect(isValid({ price: { amount, currency: 'EUR' } })).toBe(false)
  })
  it.each(['', 'Kitchen', 'kitchen/pots', '-kitchen', 'a'.repeat(33)])(
    'is not of the category %j',
    (category) => {
      expect(isValid({ category })).toBe(false)
    },
  )
  it.each(['https://pictures.example/a.jpg?size=2', 'http://127.0.0.1:8080/a', '/a%20b'])(
    'may have its picture at %s',
    (image) => {
      expect(isValid({ image })).toBe(true)
    },
  )
  it.each([
    '',
    'a.jpg',
    '//elsewhere.example/a.jpg',
    '/\\elsewhere.example/a.jpg',
    'https://',
    'https:///a.jpg',
    'javascript:alert(1)',
    'data:image/svg+xml,<svg/>',
    '/a b.jpg',
    'https://pictures.example/\n',
    `/${'a'.repeat(2_000)}`,
  ])('may not have its picture at %j', (image) => {
    expect(isValid({ image })).toBe(false)
  })
})
