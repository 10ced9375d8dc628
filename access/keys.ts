import { createRemoteJWKSet, errors } from 'jose'
import type { CryptoKey, JWTVerifyGetKey } from 'jose'
import { Unavailable } from '../eventstore/faults.ts'

/** Finds the key that a token says it is signed by, among those of the issuer. */
export type Keys = JWTVerifyGetKey<CryptoKey>

/** Milliseconds in which the issuer has to answer. */
const DEADLINE = 2_000
/** Milliseconds for which keys count without asking again. */
const FRESH_FOR = 600_000
/** Milliseconds after an answer in which an unknown key does not make us ask again: anybody may name one. */
const COOLDOWN = 5_000

/** The keys that an issuer publishes. One that isn't known is asked for once more, so that keys may be changed. */
export const keysAt = (url: string): Keys =>
  createRemoteJWKSet(new URL(url), {
    timeoutDuration: DEADLINE,
    cacheMaxAge: FRESH_FOR,
    cooldownDuration: COOLDOWN,
  })

/** A key that isn't there is the token's fault; not being able to look for it is not: throws `Unavailable`. */
export const lookedFor =
  (keys: Keys): Keys =>
  async (header, token) => {
    try {
      return await keys(header, token)
    } catch (fault) {
      if (fault instanceof errors.JWKSNoMatchingKey || fault instanceof errors.JWKSMultipleMatchingKeys)
        throw fault
      throw new Unavailable('the keys of access tokens cannot be had', { cause: fault })
    }
  }
