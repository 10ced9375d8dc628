import { expect, it } from 'vitest'
import { noon } from '../../domain/controls.ts'
import { retryAfterOf } from './retryAfter.ts'

it.each([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['Fri, 02 Jan 2026 12:00:30 GMT', 30_000],
  ['Fri, 02 Jan 2026 11:00:00 GMT', 0],
])('%j is %d ms at noon', (header, ms) => {
  expect(retryAfterOf({ 'retry-after': header }, noon)).toBe(ms)
})

it.each(['', '-1', '1.5', 'soon', '2026-01-02T12:00:30Z', 'Fri, 99 Jan 2026 12:00:30 GMT', '9'.repeat(400)])(
  '%j says nothing',
  (header) => {
    expect(retryAfterOf({ 'retry-after': header }, noon)).toBeUndefined()
  },
)

it('nothing says nothing', () => {
  expect(retryAfterOf({}, noon)).toBeUndefined()
})

it('a date is told by the clock of whoever sent it', () => {
  const headers = { 'retry-after': 'Fri, 02 Jan 2026 09:00:30 GMT', date: 'Fri, 02 Jan 2026 09:00:10 GMT' }
  expect(retryAfterOf(headers, noon)).toBe(20_000)
})

it('the first of several counts', () => {
  expect(retryAfterOf({ 'retry-after': ['3', '4'] }, noon)).toBe(3_000)
})
