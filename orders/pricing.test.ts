import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { MAX_LINES } from '../domain/product.ts'
import { Sku } from '../domain/product.ts'
import type { Product } from '../catalogue/product.ts'
import { merged, priceOf } from './pricing.ts'

const product = (sku: string, amount: number, currency = 'EUR', isLimited = true): Product => ({
  sku: Sku.parse(sku),
  name: `The ${sku}`,
  price: { amount, currency },
  category: 'kitchen',
  image: '/pictures/x.svg',
  isLimited,
})
const most = Number.MAX_SAFE_INTEGER
const catalogue = builtInCatalogue([
  product('pen', 150),
  product('box', 999, 'EUR', false),
  product('dollar-pen', 150, 'USD'),
  product('palace', most),
  ...Array.from({ length: MAX_LINES + 1 }, (_, n) => product(`thing-${n}`, 1)),
])
const want = (sku: string, quantity = 1) => ({ sku: Sku.parse(sku), quantity })
const price = (...wanted: ReturnType<typeof want>[]) => priceOf(catalogue, merged(wanted))

describe('what an order costs', () => {
  it('is what the catalogue says now, fixed line by line', async () => {
    expect(await price(want('pen', 3), want('box'))).toEqual({
      price: { amount: 1_449, currency: 'EUR' },
      lines: [
        { sku: 'pen', name: 'The pen', quantity: 3, unitPrice: 150, isLimited: true },
        { sku: 'box', name: 'The box', quantity: 1, unitPrice: 999, isLimited: false },
      ],
    })
  })
  it('is for one line of each product, also when it was asked for twice', async () =>
    expect(await price(want('pen', 3), want('pen', 2))).toMatchObject({
      lines: [{ sku: 'pen', quantity: 5 }],
    }))
})

describe('what can’t be ordered', () => {
  it.each([
    ['nothing', [], { code: 'EMPTY_ORDER' }],
    ['no piece', [want('pen', 0)], { code: 'QUANTITY_OUT_OF_RANGE', most: 1_000 }],
    ['less than none', [want('pen', -1)], { code: 'QUANTITY_OUT_OF_RANGE', most: 1_000 }],
    [
      'less than none, made up for',
      [want('pen', -1), want('pen', 5)],
      { code: 'QUANTITY_OUT_OF_RANGE', most: 1_000 },
    ],
    ['too many pieces', [want('pen', 1_001)], { code: 'QUANTITY_OUT_OF_RANGE', most: 1_000 }],
    [
      'too many pieces together',
      [want('pen', 600), want('pen', 600)],
      { code: 'QUANTITY_OUT_OF_RANGE', most: 1_000 },
    ],
    ['what nobody sells', [want('unicorn')], { code: 'UNKNOWN_PRODUCT', sku: 'unicorn' }],
    ['prices in two currencies', [want('pen'), want('dollar-pen')], { code: 'MIXED_CURRENCIES' }],
    ['more money than there is', [want('palace', 2)], { code: 'AMOUNT_OUT_OF_RANGE' }],
    ['a sum beyond that', [want('palace'), want('pen')], { code: 'AMOUNT_OUT_OF_RANGE' }],
    [
      'too many products',
      Array.from({ length: MAX_LINES + 1 }, (_, n) => want(`thing-${n}`)),
      { code: 'TOO_MANY_LINES', most: MAX_LINES },
    ],
  ])('is %s', async (_, wanted, refused) => expect(await price(...wanted)).toEqual({ refused }))
})
