import { GraphQLError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { CatalogueUnavailable } from '../catalogue/unavailable.ts'
import { Contended, Overloaded, Unavailable } from '../eventstore/faults.ts'
import { ApiError } from '../service/errors.ts'
import { apiError, badInput, ofRequest, reveal } from './errors.ts'
import type { Code } from './errors.ts'

const revealed = (fault: unknown) => {
  const reports: [Code, unknown][] = []
  const error = reveal(fault, (code, cause) => reports.push([code, cause]))
  return { error: error.toJSON(), reports }
}
const located = (originalError: Error) =>
  new GraphQLError(originalError.message, { originalError, path: ['order'] })

describe('what a client sees of a fault', () => {
  it('is all of an error that is meant for it', () => {
    const error = apiError('RATE_LIMITED', 'Later.', { retryAfter: 1 })
    expect(revealed(error)).toEqual({ error: error.toJSON(), reports: [] })
    expect(revealed(located(error)).error).toMatchObject({ message: 'Later.', path: ['order'] })
    // As the parts say it that know nothing of GraphQL.
    const said = new ApiError('RATE_LIMITED', 'Later.', { retryAfter: 1 })
    expect(revealed(said)).toEqual({ error: error.toJSON(), reports: [] })
    expect(revealed(located(said)).error).toMatchObject({ message: 'Later.', path: ['order'] })
  })

  it.each([new Unavailable('secret'), new Contended('secret'), new Overloaded('secret')])(
    'is UNAVAILABLE for what may pass: $name',
    (fault) => {
      for (const { error, reports } of [revealed(fault), revealed(located(fault))]) {
        expect(error.extensions?.['code']).toBe('UNAVAILABLE')
        expect(JSON.stringify(error)).not.toContain('secret')
        expect(reports).toEqual([['UNAVAILABLE', fault]])
      }
    },
  )

  it('is UNAVAILABLE while the catalogue is, and when to come again, where that is known', () => {
    const fault = new CatalogueUnavailable('The shop is asleep.', { cause: 'secret', retryAfter: 1_500 })
    for (const { error, reports } of [revealed(fault), revealed(located(fault))]) {
      expect(error).toMatchObject({
        message: 'The shop is asleep.',
        extensions: { code: 'UNAVAILABLE', retryAfter: 2 },
      })
      expect(JSON.stringify(error)).not.toContain('secret')
      expect(reports).toEqual([['UNAVAILABLE', fault]])
    }
    const { error } = revealed(new CatalogueUnavailable('The shop is asleep.'))
    expect(error.extensions).toEqual({ code: 'UNAVAILABLE' })
  })

  it.each([new Error('secret'), 'secret', undefined, new TypeError('secret')])(
    'is INTERNAL for a defect of ours, which is reported: %s',
    (fault) => {
      const { error, reports } = revealed(fault)
      expect(error).toEqual({
        message: 'Something went wrong on our side.',
        extensions: { code: 'INTERNAL' },
      })
      expect(reports).toEqual([['INTERNAL', fault]])
    },
  )

  it('is INTERNAL, too, for what the library finds wrong with our answer', () => {
    const fault = new GraphQLError('secret', { path: ['order'] })
    expect(revealed(fault).error).toMatchObject({ path: ['order'], extensions: { code: 'INTERNAL' } })
  })

  it('is BAD_INPUT for what the library finds wrong with the request', () => {
    const fault = new GraphQLError('Cannot query field "nope".', { extensions: { code: 'SOMETHING' } })
    expect(revealed(fault)).toEqual({
      error: { message: 'Cannot query field "nope".', extensions: { code: 'BAD_INPUT' } },
      reports: [],
    })
  })
})

describe('the HTTP status', () => {
  it('is 400 for a mistake because of which nothing was executed', () =>
    expect(ofRequest(badInput('No.')).extensions['http']).toEqual({ status: 400, spec: true }))
  it('is what the library says, where it knows better', () => {
    const http = { status: 405, headers: { Allow: 'POST' } }
    expect(ofRequest(apiError('BAD_INPUT', 'No.', { http })).extensions['http']).toEqual(http)
  })
  it('is none of the matter of a field', () =>
    expect(ofRequest(located(badInput('No.'))).extensions).not.toHaveProperty('http'))
})
