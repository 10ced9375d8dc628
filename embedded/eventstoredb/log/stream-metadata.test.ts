import { describe, expect, it } from 'vitest'

import {
  firstVisible,
  noMetadata,
  oldestVisibleMs,
  parseMetadata,
  softDeleteJson,
  withTruncateBefore,
  type StreamMetadata,
} from './stream-metadata.ts'

const parse = (json: string): StreamMetadata => parseMetadata(Buffer.from(json))

describe('metadata', () => {
  it('says how many, how old and from where on', () => {
    expect(parse('{"$maxCount":3,"$maxAge":60,"$tb":5,"$cacheControl":1,"mine":{"$tb":7}}')).toEqual({
      maxCount: 3,
      maxAgeSeconds: 60,
      truncateBefore: 5,
      softDeleted: false,
    })
  })

  it('ignores what is not positive', () => {
    expect(parse('{"$maxCount":0,"$maxAge":-1,"$tb":0,"$cacheControl":-5}')).toEqual(noMetadata)
    expect(parse('{"$maxCount":0,"$tb":2}')).toEqual({ truncateBefore: 2, softDeleted: false })
  })

  it.each([
    '{"$maxCount":"3","$tb":5}',
    '{"$maxCount":3.0,"$tb":5}',
    '{"$maxCount":1e3,"$tb":5}',
    '{"$maxAge":null,"$tb":5}',
    '{"$tb":[5]}',
    '{"$tb":9223372036854775808}',
    '{"$cacheControl":true,"$tb":5}',
    '[{"$tb":5}]',
    '{"$tb":5',
    '',
  ])('that is malformed somewhere counts as empty: %s', (json) => {
    expect(parse(json)).toEqual(noMetadata)
  })

  it('marks a soft-deleted stream by one number only', () => {
    expect(parse(softDeleteJson).softDeleted).toBe(true)
    expect(parse('{"$tb":9223372036854775807}').softDeleted).toBe(true)
    expect(parse('{"$tb":9223372036854775806}').softDeleted).toBe(false)
    expect(parse('{"$tb":9223372036854775300}').softDeleted).toBe(false)
  })

  it('takes a new start of the stream, and keeps everything else as it was written', () => {
    const json = '{ "mine": 12345678901234567890, "$tb": 9223372036854775807, "$maxCount": 2 }'
    expect(withTruncateBefore(Buffer.from(json), 3)).toBe(
      '{ "mine": 12345678901234567890, "$tb": 3, "$maxCount": 2 }',
    )
    expect(withTruncateBefore(undefined, 3)).toBe('{"$tb":3}')
  })
})

describe('an event is visible', () => {
  it('from the later of two revisions on: that of the count, and that of the truncation', () => {
    expect(firstVisible(noMetadata, 9)).toBe(0)
    expect(firstVisible(parse('{"$maxCount":3}'), 9)).toBe(7)
    expect(firstVisible(parse('{"$maxCount":30}'), 9)).toBe(0)
    expect(firstVisible(parse('{"$maxCount":3,"$tb":8}'), 9)).toBe(8)
    expect(firstVisible(parse('{"$maxCount":3,"$tb":2}'), 9)).toBe(7)
    expect(firstVisible(parse('{"$tb":100}'), 9)).toBe(100)
  })

  it('up to its age', () => {
    expect(oldestVisibleMs(parse('{"$maxAge":60}'), 1_000_000)).toBe(940_000)
    expect(oldestVisibleMs(noMetadata, 1_000_000)).toBe(Number.NEGATIVE_INFINITY)
  })
})
