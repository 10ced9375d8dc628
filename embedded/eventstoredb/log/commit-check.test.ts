import { describe, expect, it } from 'vitest'

import { checkCommit, Expected, type StreamState, type Verdict } from './commit-check.ts'

const { any, noStream, streamExists } = Expected

interface Given {
  readonly ids?: readonly string[]
  readonly tombstoned?: boolean
  readonly softDeleted?: boolean
  readonly hasMetadata?: boolean
}

/** A stream with these events; all of their ids are remembered. */
function stream({
  ids = [],
  tombstoned = false,
  softDeleted = false,
  hasMetadata = false,
}: Given): StreamState {
  return {
    revision: ids.length - 1,
    tombstoned,
    softDeleted,
    hasMetadata,
    idAt: (revision) => ids[revision],
    revisionOf: (id) => (ids.includes(id) ? ids.indexOf(id) : undefined),
  }
}

const check = (given: Given, expected: number, ...ids: string[]): Verdict =>
  checkCommit(
    stream(given),
    expected,
    ids.map((id) => ({ id })),
  )

const append: Verdict = { kind: 'append' }
const wrong: Verdict = { kind: 'wrong-revision' }
const deleted: Verdict = { kind: 'deleted' }
const already = (last: number): Verdict => ({ kind: 'already', last })
const abc: Given = { ids: ['a', 'b', 'c'] }

describe('a stream that never was', () => {
  it('takes events that expect nothing of it, or that it does not exist', () => {
    expect(check({}, any, 'x')).toEqual(append)
    expect(check({}, noStream, 'x')).toEqual(append)
  })

  it('refuses events that expect it to exist, or a revision', () => {
    expect(check({}, streamExists, 'x')).toEqual(wrong)
    expect(check({}, 0, 'x')).toEqual(wrong)
  })

  it('exists once it has metadata', () => {
    expect(check({ hasMetadata: true }, streamExists, 'x')).toEqual(append)
    expect(check({ hasMetadata: true }, noStream, 'x')).toEqual(append)
  })
})

describe('a stream with events', () => {
  it('takes events that expect its last revision', () => {
    expect(check(abc, 2, 'x')).toEqual(append)
  })

  it('refuses events that expect a later revision', () => {
    expect(check(abc, 3, 'x')).toEqual(wrong)
  })

  it('refuses other events that expect an earlier revision', () => {
    expect(check(abc, 1, 'x')).toEqual(wrong)
    expect(check(abc, noStream, 'x')).toEqual(wrong)
  })

  it('recognises the very events that follow the expected revision', () => {
    expect(check(abc, 1, 'c')).toEqual(already(2))
    expect(check(abc, noStream, 'a', 'b')).toEqual(already(1))
    expect(check(abc, noStream, 'a', 'b', 'c')).toEqual(already(2))
  })

  it('refuses a resent write that goes on with something new', () => {
    expect(check(abc, 1, 'c', 'x')).toEqual(wrong)
  })

  it('checks the revision of a write without events', () => {
    expect(check(abc, 2)).toEqual(append)
    expect(check(abc, 1)).toEqual(wrong)
    expect(check(abc, any)).toEqual(append)
  })

  it('recognises known ids where no revision is expected', () => {
    expect(check(abc, any, 'x')).toEqual(append)
    expect(check(abc, any, 'a', 'b')).toEqual(already(1))
    expect(check(abc, streamExists, 'c')).toEqual(already(2))
    expect(check(abc, any, 'a', 'x')).toEqual(wrong)
    expect(check(abc, any, 'x', 'a')).toEqual(append)
  })
})

describe('a soft-deleted stream', () => {
  const gone: Given = { ...abc, softDeleted: true, hasMetadata: true }

  it('can be begun again', () => {
    expect(check(gone, noStream, 'x')).toEqual(append)
    expect(check(gone, any, 'x')).toEqual(append)
    expect(check(gone, 2, 'x')).toEqual(append)
  })

  it('does not exist', () => {
    expect(check(gone, streamExists, 'x')).toEqual(deleted)
  })

  it('still has its revision', () => {
    expect(check(gone, 1, 'x')).toEqual(wrong)
  })
})

it('nothing can be appended to a tombstoned stream', () => {
  for (const expected of [any, noStream, streamExists, 2]) {
    expect(check({ ...abc, tombstoned: true }, expected, 'x')).toEqual(deleted)
  }
})
