import { describe, expect, it } from 'vitest'
import { Sku } from '../../domain/product.ts'
import { CatalogueUnavailable } from '../unavailable.ts'
import { remembering } from './memory.ts'
import { clientOf, json, productNamed, serving, skus, wellBehaved } from './underTest.ts'

const basic = Sku.parse('basic')
const compass = Sku.parse('compass')

const FRESH = 5_000
const USABLE = 60_000

/** A service whose prices change with every answer, and which can be switched off. */
const changing = async () => {
  let down = false
  const server = await serving((response, _, nth) =>
    down
      ? json(response, {}, 503)
      : json(response, { ...productNamed('basic'), price: { amount: nth, currency: 'EUR' } }),
  )
  return {
    ...server,
    setDown: (to: boolean) => {
      down = to
    },
  }
}

const started = async () => {
  const server = await changing()
  const catalogue = clientOf(server.url, {
    freshFor: FRESH,
    usableFor: USABLE,
    policy: { tries: 1, firstDelay: 1, maxDelay: 1 },
  })
  return { server, catalogue, price: async () => (await catalogue.product(basic))?.price.amount }
}

describe('an answer', () => {
  it('is given again while it is fresh, and asked for anew after that', async () => {
    const { server, catalogue, price } = await started()
    expect(await price()).toBe(1)
    catalogue.later(FRESH)
    expect(await price()).toBe(1)
    expect(server.asked).toHaveLength(1)
    catalogue.later(1)
    expect(await price()).toBe(2)
  })

  it('that there is no such product is remembered as well', async () => {
    const server = await serving(wellBehaved)
    const catalogue = clientOf(server.url)
    const [unicorn] = skus('unicorn')
    if (!unicorn) throw new Error('there is one')
    expect(await catalogue.product(unicorn)).toBeUndefined()
    expect(await catalogue.products([unicorn])).toEqual(new Map())
    expect(server.asked).toEqual(['/products/unicorn'])
  })

  it('of many leaves only the others to be asked for', async () => {
    const server = await serving(wellBehaved)
    const catalogue = clientOf(server.url)
    await catalogue.product(basic)
    expect([...(await catalogue.products([basic, compass])).keys()]).toEqual([basic, compass])
    expect(server.asked).toEqual(['/products/basic', '/products/compass'])
  })

  it('to a page is given to whoever asks for the same one', async () => {
    const server = await serving(wellBehaved)
    const catalogue = clientOf(server.url)
    const page = await catalogue.page({ first: 5, search: 'tea' })
    expect(await catalogue.page({ first: 5, search: ' tea ', after: undefined })).toEqual(page)
    expect(server.asked).toHaveLength(1)
    await catalogue.page({ first: 5, search: 'tea', after: page.endCursor })
    await catalogue.page({ first: 6, search: 'tea' })
    expect(server.asked).toHaveLength(3)
  })
})

describe('while the service is down', () => {
  it('an older answer serves, and for a moment nobody else asks', async () => {
    const { server, catalogue, price } = await started()
    await price()
    server.setDown(true)
    catalogue.later(FRESH + 1)
    expect([await price(), await price(), await price()]).toEqual([1, 1, 1])
    expect(server.asked).toHaveLength(2)
    expect(catalogue.failures).toHaveLength(1)
    catalogue.later(FRESH + 1)
    expect(await price()).toBe(1)
    expect(server.asked).toHaveLength(3)
  })

  it('an answer that is too old does not', async () => {
    const { server, catalogue, price } = await started()
    await price()
    server.setDown(true)
    catalogue.later(USABLE + 1)
    await expect(price()).rejects.toThrow(CatalogueUnavailable)
  })

  it('serving an answer does not make it younger', async () => {
    const { server, catalogue, price } = await started()
    await price()
    server.setDown(true)
    for (let age = 0; age + FRESH + 1 <= USABLE; age += FRESH + 1) {
      catalogue.later(FRESH + 1)
      expect(await price()).toBe(1)
    }
    catalogue.later(FRESH + 1)
    await expect(price()).rejects.toThrow(CatalogueUnavailable)
  })

  it('the new answer is there as soon as it is up again', async () => {
    const { server, catalogue, price } = await started()
    await price()
    server.setDown(true)
    catalogue.later(FRESH + 1)
    await price()
    server.setDown(false)
    catalogue.later(FRESH + 1)
    expect(await price()).toBe(3)
    expect(catalogue.answers()).toBe(2)
  })

  it('what was never known is not', async () => {
    const { server, price } = await started()
    server.setDown(true)
    await expect(price()).rejects.toThrow(CatalogueUnavailable)
    server.setDown(false)
    expect(await price()).toBe(2)
  })
})

describe('a memory', () => {
  const options = { freshFor: 1_000, usableFor: 1_000, most: 2, clock: () => 1 }

  it('shares an answer that is under way, even when there is no place for it', async () => {
    const asked: string[] = []
    const answers = Promise.withResolvers<void>()
    const remembered = remembering(options, String, async (key: string) => {
      asked.push(key)
      await answers.promise
      return key.toUpperCase()
    })
    const asking = ['a', 'a', 'b', 'c', 'd', 'd'].map(remembered)
    answers.resolve()
    expect(await Promise.all(asking)).toEqual(['A', 'A', 'B', 'C', 'D', 'D'])
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
  })

  it('forgets what nobody asked for longest', async () => {
    const asked: string[] = []
    const remembered = remembering(options, String, (key: string) => {
      asked.push(key)
      return Promise.resolve(key)
    })
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await remembered(key)
    expect(asked).toEqual(['a', 'b', 'c', 'b'])
  })

  it('hides no mistake of ours behind an older answer', async () => {
    let now = 1
    const ways = [() => Promise.resolve('fine'), () => Promise.reject(new TypeError('a mistake'))]
    const remembered = remembering({ ...options, usableFor: 60_000, clock: () => now }, String, () => {
      const way = ways.shift()
      return way ? way() : Promise.resolve('more')
    })
    await remembered('a')
    now += 1_001
    await expect(remembered('a')).rejects.toThrow('a mistake')
  })
})
