import { describe, expect, it } from 'vitest'
import { rateLimit } from './rateLimit.ts'

const limited = (perSecond: number, maxUsers?: number) => {
  let ms = 0
  const limit = rateLimit({ perSecond, clock: () => ms, ...(maxUsers !== undefined && { maxUsers }) })
  return { limit, wait: (by: number) => (ms += by) }
}
const refused = (retryAfter: number): unknown =>
  expect.objectContaining({ code: 'RATE_LIMITED', told: { retryAfter } })

describe('the rate limit', () => {
  it('lets a user do as much as a second allows at once, and says when there is more', () => {
    const { limit, wait } = limited(2)
    limit('ann')
    limit('ann')
    expect(() => limit('ann')).toThrow(refused(0.5))
    wait(500)
    limit('ann')
    expect(() => limit('ann')).toThrow(refused(0.5))
  })
  it('is for each user alone', () => {
    const { limit } = limited(1)
    limit('ann')
    limit('bob')
    expect(() => limit('ann')).toThrow(refused(1))
  })
  it('saves nothing up beyond a second', () => {
    const { limit, wait } = limited(1)
    wait(60_000)
    limit('ann')
    expect(() => limit('ann')).toThrow(refused(1))
  })
  it('is none when it is 0', () => {
    const { limit } = limited(0)
    for (let n = 0; n < 1_000; n++) limit('ann')
  })
})
