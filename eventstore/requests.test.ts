import { describe, expect, it } from 'vitest'
import { refuse } from './decision.ts'
import { nothingRemembered } from './remembered.ts'
import { answered, decidingByKey, recordRequest } from './requests.ts'
import type { Request, Requests } from './requests.ts'

interface Answer {
  readonly balance: number
}

const request = (idempotencyKey: string, fingerprint = 'deposit 5'): Request => ({
  idempotencyKey,
  fingerprint,
})
const after = (...keys: readonly string[]): Requests<Answer> =>
  keys.reduce<Requests<Answer>>(
    (requests, key, n) => recordRequest(requests, request(key), { balance: n }, 2),
    nothingRemembered(),
  )
const deposited = () => ['deposited']

describe('a request', () => {
  it('has its effect', () => expect(decidingByKey(after(), request('a'), deposited)).toEqual(['deposited']))
  it('has it once', () => expect(decidingByKey(after('a'), request('a'), deposited)).toEqual([]))
  it('is refused if its key was used for something else', () =>
    expect(decidingByKey(after('a'), request('a', 'deposit 6'), deposited)).toEqual(
      refuse({ code: 'IDEMPOTENCY_CONFLICT' }),
    ))
  it('may be refused, and then still have its effect', () => {
    const refused = decidingByKey(after('a'), request('b'), () => refuse({ code: 'NO_WALLET' }))
    expect(refused).toEqual(refuse({ code: 'NO_WALLET' }))
    expect(decidingByKey(after('a'), request('b'), deposited)).toEqual(['deposited'])
  })
  it('is answered as the first time', () => {
    expect(answered(after('a', 'b'), 'a')).toMatchObject({ balance: 0 })
    expect(answered(after('a', 'b'), 'c')).toBeUndefined()
  })
  it('is known again at least until as many others have come as are remembered, and not for ever', () => {
    expect(answered(after('a', 'b', 'c'), 'a')).toMatchObject({ balance: 0 })
    expect(answered(after('a', 'b', 'c', 'd', 'e'), 'a')).toBeUndefined()
  })
})
