import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { products } from '../catalogue/builtIn/products.ts'
import { answerWithProblems } from '../service/problems.ts'
import { servePictures } from './pictures.ts'

const http = fastify()
answerWithProblems(http)
servePictures(http, builtInCatalogue())
const get = (url: string, headers: Readonly<Record<string, string>> = {}) => http.inject({ url, headers })

describe('a picture', () => {
  it('is there for every product that the shop brings, where the product says', async () => {
    const tags = new Set<unknown>()
    for (const { image } of products) {
      const { statusCode, headers, body } = await get(image)
      expect(statusCode, image).toBe(200)
      expect(body).toMatch(/^<svg /)
      tags.add(headers.etag)
    }
    expect(tags.size).toBe(products.length)
  })

  it('may be kept, shows itself only, and runs nothing', async () => {
    const { headers } = await get('/pictures/compass.svg')
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'cache-control': 'public, max-age=86400',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    })
  })

  it('is not sent again to whoever has it', async () => {
    const { etag } = (await get('/pictures/compass.svg')).headers
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { statusCode, body, headers } = await get('/pictures/compass.svg', {
        'if-none-match': known ?? '',
      })
      expect([statusCode, body, headers.etag]).toEqual([304, '', etag])
    }
    const { statusCode } = await get('/pictures/compass.svg', { 'if-none-match': '"other"' })
    expect(statusCode).toBe(200)
  })

  it.each([
    'no-such-thing.svg',
    'compass',
    'compass.png',
    'COMPASS.svg',
    '.svg',
    '..%2fcompass.svg',
    'a%00.svg',
  ])('is not there for %s', async (file) => {
    const { statusCode, headers, body } = await get(`/pictures/${file}`)
    expect(statusCode).toBe(404)
    expect(headers['content-type']).toMatch('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ status: 404 })
  })
})
