import { expect, it } from 'vitest'

import { Code, StatusError } from '../grpc/status.ts'
import { isUnexpected, Problem, problemAnswer } from './problem.ts'

it('a refusal is answered in its own words', () => {
  const answer = problemAnswer(new Problem(409, 'There is one already.', { headers: { allow: 'GET' } }))
  expect(answer).toMatchObject({ status: 409, reason: 'Conflict', extra: { allow: 'GET' } })
  expect(JSON.parse(String(answer.body))).toEqual({
    status: 409,
    title: 'Conflict',
    detail: 'There is one already.',
  })
})

it.each([
  [Code.invalidArgument, 400],
  [Code.notFound, 404],
  [Code.alreadyExists, 409],
  [Code.permissionDenied, 403],
  [Code.unauthenticated, 401],
  [Code.resourceExhausted, 429],
  [Code.unavailable, 503],
  [Code.unknown, 500],
])('what services refuse with %s is answered with %s', (code, status) => {
  const answer = problemAnswer(new StatusError({ code, message: 'No.' }))
  expect([answer.status, answer.body]).toEqual([status, expect.stringContaining('"detail":"No."')])
})

it('what nobody expected says nothing of the inside, and is to be reported', () => {
  const error = new TypeError("Cannot read properties of undefined (reading 'secret')")
  const answer = problemAnswer(error)
  expect(answer.status).toBe(500)
  expect(String(answer.body)).not.toMatch(/secret|\.ts|TypeError/u)
  expect(isUnexpected(error)).toBe(true)
  expect(isUnexpected(new StatusError({ code: Code.dataLoss, message: 'The database is damaged.' }))).toBe(
    true,
  )
  expect(isUnexpected(new StatusError({ code: Code.notFound, message: 'No.' }))).toBe(false)
  expect(isUnexpected(new Problem(400, 'No.'))).toBe(false)
})
