import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { Sku } from '../domain/product.ts'
import { catalogueSettings, parseConfig } from '../service/config.ts'
import { products } from './builtIn/products.ts'
import { catalogueFor } from './catalogueFor.ts'
import { json, productNamed, serving, wellBehaved } from './service/underTest.ts'
import type { Behaviour } from './service/underTest.ts'

/** A service process with such an environment, and what it logged: level, message and products. */
const hosted = (env: Readonly<Record<string, string>>) => {
  const said: unknown[][] = []
  const say =
    (level: string) =>
    ({ skus }: Readonly<Record<string, unknown>>, message: string) => {
      said.push(skus === undefined ? [level, message] : [level, message, skus])
    }
  const closers: (() => Promise<unknown>)[] = []
  const catalogue = catalogueFor({
    settings: parseConfig(z.object(catalogueSettings), env),
    log: { debug: say('debug'), info: say('info'), warn: say('warn') },
    now: () => new Date(),
    closing: (_, close) => closers.push(close),
  })
  const close = async () => {
    for (const closer of closers.splice(0)) await closer()
  }
  onTestFinished(close)
  return { catalogue, said, close }
}

it('without a product service, the built-in products are sold', async () => {
  const { catalogue, said } = hosted({})
  expect((await catalogue.page({ first: 100 })).products).toEqual(products.slice(0, 100))
  expect(said).toEqual([['info', 'catalogue: the built-in products']])
})

it('with one, its products are', async () => {
  const server = await serving((response) => json(response, productNamed('submarine')))
  const { catalogue, said, close } = hosted({ PRODUCT_SERVICE_URL: server.url })
  expect(await catalogue.product(Sku.parse('submarine'))).toEqual(productNamed('submarine'))
  expect(said).toEqual([['info', 'catalogue: the product service']])
  await close()
  await expect(catalogue.product(Sku.parse('another'))).rejects.toThrow('does not answer')
})

it('an outage is said once, and its end', async () => {
  let behave: Behaviour = (response) => response.writeHead(400).end()
  const server = await serving((...exchange) => behave(...exchange))
  const { catalogue, said } = hosted({ PRODUCT_SERVICE_URL: server.url, PRODUCT_SERVICE_FRESH_FOR: '1ms' })
  const ask = (sku: string) => catalogue.product(Sku.parse(sku)).catch(() => undefined)
  await ask('basic')
  await ask('standard')
  behave = wellBehaved
  expect(await ask('basic')).toMatchObject({ sku: 'basic' })
  await ask('premium')
  expect(said.slice(1)).toEqual([
    ['warn', 'the product service does not answer'],
    ['debug', 'the product service does not answer'],
    ['info', 'the product service answers again'],
  ])
})

it('bad products are named', async () => {
  const page = { products: [productNamed('a'), { sku: 'b' }], endCursor: 'b', hasNextPage: false }
  const server = await serving((response) => json(response, page))
  const { catalogue, said } = hosted({ PRODUCT_SERVICE_URL: server.url })
  await catalogue.page({ first: 5 })
  expect(said.slice(1)).toEqual([['warn', 'products whose data make no sense are left out', ['b']]])
})
