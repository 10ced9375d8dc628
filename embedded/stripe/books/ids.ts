import { randomBytes } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Characters that nobody can guess. */
const random = (length: number): string =>
  Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')

export type Prefix = 'pi' | 'ch' | 're' | 'pm' | 'evt' | 'req'

/** An id as Stripe's look: what it is of, and then characters without meaning. */
export const newId = (prefix: Prefix): string => `${prefix}_${prefix === 'req' ? '' : '3'}${random(23)}`

/** What lets whoever knows it confirm an intent without the secret key. */
export const newClientSecret = (intent: string): string => `${intent}_secret_${random(25)}`
