import { createHmac } from 'node:crypto'

/** The header by which a receiver knows that a body is ours and new: HMAC-SHA256 of time and body. */
export const signatureOf = (body: string, secret: string, seconds: number): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
