import type { Tampering } from '../store/outbox.ts'
import { signatureOf } from './signature.ts'

/** What is posted. */
export interface Letter {
  readonly body: string
  readonly signature: string | undefined
}

const HOUR = 3_600

/** A signed letter, or one that pretends to be. */
export const letterOf = (body: string, secret: string, seconds: number, tampering?: Tampering): Letter => {
  const signature = signatureOf(body, secret, seconds)
  switch (tampering) {
    case undefined:
      return { body, signature }
    case 'changed body':
      return { body: body.replace(/"amount":(\d+)/, '"amount":1$1'), signature }
    case 'other secret':
      return { body, signature: signatureOf(body, `${secret}x`, seconds) }
    case 'old signature':
      return { body, signature: signatureOf(body, secret, seconds - HOUR) }
    case 'no signature':
      return { body, signature: undefined }
    default:
      return tampering satisfies never
  }
}
