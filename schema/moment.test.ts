import { describe, expect, it } from 'vitest'
import { Moment } from './moment.ts'

describe('a moment', () => {
  it.each([
    ['2026-01-02T12:00:00Z', '2026-01-02T12:00:00.000Z'],
    ['2026-01-02T12:00:00.5Z', '2026-01-02T12:00:00.500Z'],
    ['2026-01-02T13:30:00.123+01:30', '2026-01-02T12:00:00.123Z'],
    ['2026-01-01T23:00:00-01:00', '2026-01-02T00:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is, in the log, %s', (given, moment) => expect(Moment.parse(given)).toBe(moment))

  it.each([
    '2026-01-02',
    '2026-01-02T12:00:00',
    '2026-02-29T12:00:00Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T12:00:00.0001Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-01-02T12:00:00Z ',
    'noon',
    '',
  ])('is not %j', (given) => expect(Moment.safeParse(given).success).toBe(false))
})
