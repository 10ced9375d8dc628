import { calculateJwkThumbprint } from 'jose'
import type { JWK } from 'jose'
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

/** A new key for signing as Google does it: RS256. */
export const newKey = async (): Promise<JWK> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 })
  const jwk = privateKey.export({ format: 'jwk' })
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' }
}
