import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import { hkdfSync } from 'node:crypto'
import { z } from 'zod'
import { Attempt } from './google.ts'
import type { SigningKeys } from './signingKeys.ts'

/** Seconds that somebody may take to sign in. */
export const ATTEMPT_LIFETIME = 600

/** A sign-in that was begun, and where to go after it: without `returnTo`, the tokens are the answer. */
const Begun = Attempt.extend({ returnTo: z.string().optional() })
export type Begun = z.infer<typeof Begun>

const ENCRYPTION = 'A256GCM'
const PURPOSE = 'counterfoil sign-in attempt'

export interface AttemptsOptions {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly now: () => Date
}

/**
 * Keeps what a sign-in must be finished with in the browser that began it, encrypted: nothing is stored here, so any
 * instance may finish it. Nobody but us can read, make or change it, and it is good for ten minutes. The key is
 * derived from the one that signs tokens; those of former ones are still read.
 */
export const attemptsOf = ({ keys, issuer, now }: AttemptsOptions) => {
  const secrets = new Map(
    keys.map(({ kid, privateKey }) => {
      const material = privateKey.export({ format: 'der', type: 'pkcs8' })
      return [kid, new Uint8Array(hkdfSync('sha256', material, '', PURPOSE, 32))]
    }),
  )
  const [{ kid }] = keys
  const secretOf = (id: string | undefined): Uint8Array => {
    const secret = secrets.get(id ?? '')
    if (!secret) throw new errors.JWEInvalid('sealed by a key that is not ours')
    return secret
  }

  return {
    seal: ({ state, nonce, verifier, returnTo }: Begun): Promise<string> => {
      const at = Math.floor(now().getTime() / 1_000)
      return new EncryptJWT({ state, nonce, verifier, ...(returnTo === undefined ? {} : { returnTo }) })
        .setProtectedHeader({ alg: 'dir', enc: ENCRYPTION, kid })
        .setIssuer(issuer)
        .setAudience(PURPOSE)
        .setIssuedAt(at)
        .setExpirationTime(at + ATTEMPT_LIFETIME)
        .encrypt(secretOf(kid))
    },

    /** Undefined for what we did not seal, or too long ago. */
    open: async (sealed: string): Promise<Begun | undefined> => {
      try {
        const { payload } = await jwtDecrypt(sealed, ({ kid }) => secretOf(kid), {
          issuer,
          audience: PURPOSE,
          currentDate: now(),
          requiredClaims: ['exp'],
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: [ENCRYPTION],
        })
        return Begun.safeParse(payload).data
      } catch (fault) {
        if (fault instanceof errors.JOSEError) return undefined
        throw fault
      }
    },
  }
}
export type Attempts = ReturnType<typeof attemptsOf>
