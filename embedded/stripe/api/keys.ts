import { Fault } from '../books/fault.ts'

export interface Keys {
  readonly secret: string
  readonly publishable: string
}

/** A secret key has a publishable one that belongs to it. */
export const publishableOf = (secretKey: string): string => secretKey.replace(/^(sk|rk)_/, 'pk_')

/** `Bearer <key>`, or the key as the user of basic authentication. */
const keyIn = (header: string | undefined): string | undefined => {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(header ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString().split(':')[0]
  return undefined
}

const hidden = (key: string): string => `${key.slice(0, 8)}${'*'.repeat(Math.max(4, key.length - 8))}`

/** Which of the keys a request brings, in its header or, from a browser, as a parameter. Throws a `Fault`. */
export const authenticate = (
  keys: Keys,
  header: string | undefined,
  parameter: unknown,
): 'secret' | 'publishable' => {
  const key = keyIn(header) ?? (typeof parameter === 'string' ? parameter : undefined)
  if (key === keys.secret) return 'secret'
  if (key === keys.publishable) return 'publishable'
  throw new Fault(
    401,
    'invalid_request_error',
    key === undefined
      ? 'You did not provide an API key. Provide it in the Authorization header, as a bearer.'
      : `Invalid API Key provided: ${hidden(key)}`,
  )
}
