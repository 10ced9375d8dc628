import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noon } from '../domain/controls.ts'
import { noVerdicts, recordVerdict, verdictOn } from './verdicts.ts'
import type { Knowledge, Matter, Searched, Verdicts } from './verdicts.ts'

const LIMIT = 5

interface Verdict {
  readonly granted: boolean
}

/** The n-th matter, which came up n milliseconds after noon. */
const matter = (n: number): Matter => ({ id: `matter ${n}`, at: new Date(noon.getTime() + n).toISOString() })

const decided = (verdicts: Verdicts<Verdict>, ...numbers: readonly number[]) =>
  numbers.reduce((all, n) => recordVerdict(all, matter(n), { granted: true }, LIMIT), verdicts)

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)
const many = decided(noVerdicts(), ...numbers(1, 3 * LIMIT))

describe('a memory of verdicts', () => {
  it('knows the verdict', () => {
    const refused = recordVerdict(noVerdicts<Verdict>(), matter(1), { granted: false }, LIMIT)
    expect(verdictOn(refused, matter(1))).toEqual({ known: 'YES', verdict: { granted: false } })
  })

  it('knows that a matter is new', () =>
    expect(verdictOn(decided(noVerdicts(), 1, 2), matter(3))).toEqual({ known: 'NO' }))

  it('knows it also after it has forgotten others, of a matter that came up later', () =>
    expect(verdictOn(many, matter(3 * LIMIT + 1))).toEqual({ known: 'NO' }))

  it('remembers at least as many as it promises', () => {
    for (const n of numbers(2 * LIMIT + 1, 3 * LIMIT)) expect(verdictOn(many, matter(n)).known).toBe('YES')
  })

  it('says so when it may have forgotten, instead of taking the matter for new', () => {
    for (const n of numbers(1, 3 * LIMIT)) expect(verdictOn(many, matter(n)).known).not.toBe('NO')
    expect(verdictOn(many, matter(0))).toEqual({ known: 'FORGOTTEN', forgettings: many.forgettings })
  })

  it('takes what a search has found for knowledge', () => {
    const { forgettings } = many
    const nothing = { forgettings, found: undefined }
    expect(verdictOn(many, matter(0), nothing)).toEqual({ known: 'NO' })
    const found = { forgettings, found: { granted: false } }
    expect(verdictOn(many, matter(0), found)).toEqual({ known: 'YES', verdict: { granted: false } })
  })

  it('believes a search no longer once it has forgotten more, whatever times that came up at', () => {
    const newest = decided(noVerdicts(), 1_000, ...numbers(100, 99 + 3 * LIMIT))
    const searched = { forgettings: newest.forgettings, found: undefined }
    const since = decided(newest, 1, ...numbers(2, 1 + 3 * LIMIT))
    expect(since.forgottenUpTo).toBe(newest.forgottenUpTo)
    expect(verdictOn(since, matter(1), searched).known).toBe('FORGOTTEN')
  })

  it('with searches when it has forgotten, knows all that was ever decided, and nothing else', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (asked) => {
        let verdicts = noVerdicts<Verdict>()
        const ever = new Set<number>()
        const search = (n: number, { known }: Knowledge<Verdict>): Searched<Verdict> | undefined =>
          known === 'FORGOTTEN'
            ? { forgettings: verdicts.forgettings, found: ever.has(n) ? { granted: true } : undefined }
            : undefined
        for (const n of asked) {
          const searched = search(n, verdictOn(verdicts, matter(n)))
          expect(verdictOn(verdicts, matter(n), searched).known).toBe(ever.has(n) ? 'YES' : 'NO')
          if (!ever.has(n)) verdicts = decided(verdicts, n)
          ever.add(n)
        }
      }),
    ))
})
