import { calculateJwkThumbprint } from 'jose'
import type { JWK } from 'jose'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'

/** A private key on P-256, for ES256. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  /** What is published of it. */
  readonly publicJwk: JWK
}

/** The first one signs; all are published, so that tokens of a former or a coming one can be verified. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]]

const PrivateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string().min(1).optional(),
})
const Jwks = z.union([
  z.object({ keys: z.array(PrivateJwk) }).transform(({ keys }) => keys),
  z.array(PrivateJwk),
  PrivateJwk.transform((jwk) => [jwk]),
])

const PEM = /-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g

interface ParsedKey {
  readonly kid: string | undefined
  readonly key: KeyObject
}

const parsed = (text: string): readonly ParsedKey[] => {
  if (text.includes('-----BEGIN'))
    // In an environment variable, lines often end with a backslash and an n.
    return (text.replaceAll(String.raw`\n`, '\n').match(PEM) ?? []).map((pem) => ({
      kid: undefined,
      key: createPrivateKey(pem),
    }))
  return Jwks.parse(JSON.parse(text)).map(({ kid, ...jwk }) => ({
    kid,
    key: createPrivateKey({ key: jwk, format: 'jwk' }),
  }))
}

/** `AUTH_SIGNING_KEYS`: a JWK, several of them (an array or a JWK set), or PEM blocks. */
export const SigningKeysText = z.string().transform((text, context): readonly ParsedKey[] => {
  const mistake = () => {
    context.addIssue({
      code: 'custom',
      message: 'must be private keys on P-256: JWKs or PEM, the first one signs',
    })
    return z.NEVER
  }
  try {
    const keys = parsed(text.trim())
    const fit = keys.every(({ key }) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return fit && keys.length > 0 ? keys : mistake()
  } catch {
    // What is wrong inside is not said: it would be part of a secret.
    return mistake()
  }
})

/** Gives each key its id: the one that it came with, or its thumbprint (RFC 7638). */
export const signingKeysOf = async (keys: z.infer<typeof SigningKeysText>): Promise<SigningKeys> => {
  const [first, ...others] = await Promise.all(keys.map(signingKeyOf))
  if (!first) throw new Error('there is no key to sign with')
  return [first, ...others]
}

const signingKeyOf = async ({ kid: given, key }: ParsedKey): Promise<SigningKey> => {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const kid = given ?? (await calculateJwkThumbprint(jwk))
  return { kid, privateKey: key, publicJwk: { ...jwk, kid, alg: 'ES256', use: 'sig' } }
}
