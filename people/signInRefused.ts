const reasons = {
  NOT_BEGUN_HERE: [
    400,
    'This sign-in was not begun in this browser, or too long ago. Begin again: GET /auth/google.',
  ],
  DECLINED: [403, 'You did not sign in. Begin again whenever you like: GET /auth/google.'],
  NOT_VALID: [400, 'The answer to this sign-in does not hold. Begin again: GET /auth/google.'],
  NO_EMAIL: [403, 'Your account tells no e-mail address, which we need.'],
  EMAIL_NOT_VERIFIED: [
    403,
    'Your e-mail address is not verified yet. Verify it where you have your account, then begin again.',
  ],
} as const satisfies Readonly<Record<string, readonly [statusCode: number, message: string]>>

/** Nobody is signed in, and that is nobody's fault but the request's. Its words are for whoever asked. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'
  readonly reason: keyof typeof reasons
  /** As HTTP says it. */
  readonly statusCode: number

  constructor(reason: keyof typeof reasons) {
    const [statusCode, message] = reasons[reason]
    super(message)
    this.reason = reason
    this.statusCode = statusCode
  }
}
