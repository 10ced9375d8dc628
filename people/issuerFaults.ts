import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { z } from 'zod'
import { Unavailable } from '../eventstore/faults.ts'
import { SignInRefused } from './signInRefused.ts'

/** The issuer does not take us for who we are, or is not what the settings say: nobody can sign in until that is mended. */
export class IssuerMisconfigured extends Error {
  override readonly name = 'IssuerMisconfigured'
}

/** The answer did not come, or was no answer: trying again may help. */
const PASSING: ReadonlySet<string | undefined> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
])

/** The token is not what it should be: signature, issuer, audience, nonce, times. */
const NOT_VALID: ReadonlySet<string | undefined> = new Set([
  'OAUTH_PARSE_ERROR',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
])

/**
 * What a fault of the client's library means to us. Its own error is left behind, as it may hold the code, the
 * tokens and what the issuer says of somebody, and errors end up in logs.
 */
export const faultOf = (fault: unknown): Error => {
  if (fault instanceof SignInRefused || fault instanceof Unavailable) return fault
  if (fault instanceof AuthorizationResponseError)
    return fault.error === 'access_denied'
      ? new SignInRefused('DECLINED')
      : fault.error === 'temporarily_unavailable' || fault.error === 'server_error'
        ? new Unavailable(`the issuer answered ${fault.error}`)
        : new SignInRefused('NOT_VALID')
  if (fault instanceof ResponseBodyError) {
    if (fault.status >= 500) return new Unavailable(`the issuer answered ${fault.status}`)
    return fault.error === 'invalid_grant'
      ? new SignInRefused('NOT_VALID')
      : new IssuerMisconfigured(`the issuer answered ${fault.status} ${fault.error}`)
  }
  if (fault instanceof ClientError) {
    if (PASSING.has(fault.code)) return new Unavailable(`the issuer: ${fault.message} (${fault.code})`)
    return NOT_VALID.has(fault.code)
      ? new SignInRefused('NOT_VALID')
      : new IssuerMisconfigured(`the issuer: ${fault.message} (${fault.code})`)
  }
  if (fault instanceof z.ZodError) return new SignInRefused('NOT_VALID')
  // `fetch` throws it when there is no connection.
  if (fault instanceof TypeError) return new Unavailable('the issuer cannot be reached')
  return new IssuerMisconfigured('the issuer: a fault that is not known')
}
