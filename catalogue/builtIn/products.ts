import { Product } from '../product.ts'
import { goods, packages } from './goods.ts'
import { wordsOf } from './words.ts'

/** By sku, as code units sort. */
const inOrder = (a: Product, b: Product): number => (a.sku < b.sku ? -1 : 1)

/** A number and its unit are one word: `teapot-blue-1l`. */
const skuOf = (name: string): string =>
  wordsOf(name)
    .join('-')
    .replace(/(\d)-(kg|g|cm|mm|m|ml|l)(?=-|$)/g, '$1$2')

interface Item {
  readonly sku: string
  readonly name: string
  readonly category: string
  readonly price: number
  readonly isLimited: boolean
}

const productOf = ({ price, ...item }: Item): Product =>
  Product.parse({ ...item, price: { amount: price, currency: 'EUR' }, image: `/pictures/${item.sku}.svg` })

const goodsOf = ([category, items]: readonly [string, Readonly<Record<string, number>>]): Product[] =>
  Object.entries(items).map(([name, price]) =>
    productOf({ sku: skuOf(name), name, category, price, isLimited: true }),
  )

/** Everything that the built-in shop sells, by sku. */
export const products: readonly Product[] = [
  ...Object.entries(goods).flatMap(goodsOf),
  ...Object.entries(packages).map(([sku, [name, price]]) =>
    productOf({ sku, name, category: 'packages', price, isLimited: false }),
  ),
].toSorted(inOrder)
