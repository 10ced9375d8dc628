import { expect, it } from 'vitest'
import { products } from '../catalogue/builtIn/products.ts'
import type { Sku } from '../domain/product.ts'
import { availabilityAmong } from './availability.ts'
import { tokenOf } from '../service/opaque.ts'

/** Counts what is asked of the read models. */
const counting = () => {
  const waited: bigint[] = []
  const read: (readonly Sku[])[] = []
  return {
    waited,
    read,
    reached: async (position: bigint) => void waited.push(position),
    stocks: async (skus: readonly Sku[]) => {
      read.push(skus)
      return []
    },
  }
}
const page = products.slice(0, 100)
const skus = page.map(({ sku }) => sku)

it('of a hundred products is one read, as new as the client’s token', async () => {
  const models = counting()
  const availability = availabilityAmong(models, { token: tokenOf(7n) }, skus)
  await Promise.all(page.map(availability))
  expect(models).toMatchObject({ waited: [7n], read: [skus] })
})

it('is not read for those who don’t ask, nor for what stock does not limit', async () => {
  const models = counting()
  const availability = availabilityAmong(models, { token: tokenOf(7n) }, skus)
  await Promise.all(products.filter(({ isLimited }) => !isLimited).map(availability))
  expect(models).toMatchObject({ waited: [], read: [] })
})
