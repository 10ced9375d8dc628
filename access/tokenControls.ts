import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK, JWTHeaderParameters } from 'jose'
import { ann } from '../domain/controls.ts'
import { sessionId } from '../people/controls.ts'

/** Tokens in one word, for tests: good ones, and all kinds that are not. */

/** Where the tests' tokens come from. */
export const ISSUER = 'https://shop.example'

/** Seconds since 1970. */
export const secondsOf = (moment: Date): number => Math.floor(moment.getTime() / 1_000)

export interface Signer {
  readonly privateKey: CryptoKey
  /** What its issuer publishes. */
  readonly jwk: JWK
}

export const signerOf = async (kid: string): Promise<Signer> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } }
}

/** What a good token of Ann's says that was issued at that moment. */
export const claimsAt = (moment: Date) => ({
  iss: ISSUER,
  aud: 'counterfoil',
  sub: ann as string,
  role: 'USER',
  sid: sessionId(1) as string,
  jti: 'token 1',
  iat: secondsOf(moment),
  exp: secondsOf(moment) + 900,
})

/** A token that says what is given, and is signed as its header says unless another key is given. */
export const signed = (
  { privateKey, jwk }: Signer,
  claims: Readonly<Record<string, unknown>>,
  header: Partial<JWTHeaderParameters> = {},
  key: CryptoKey | Uint8Array = privateKey,
): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({
      alg: 'ES256',
      typ: 'at+jwt',
      ...(jwk.kid !== undefined && { kid: jwk.kid }),
      ...header,
    })
    .sign(key)
