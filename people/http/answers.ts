import type { FastifyRequest } from 'fastify'
import type { Origin } from '../devices.ts'
import type { Tokens } from '../sessions.ts'
import { ACCESS_TOKEN_LIFETIME } from '../tokens.ts'

/** Tokens as OAuth has them (RFC 6749, section 5.1). */
export const tokenAnswer = ({ accessToken, refreshToken }: Tokens) => ({
  access_token: accessToken,
  refresh_token: refreshToken,
  token_type: 'Bearer',
  expires_in: ACCESS_TOKEN_LIFETIME,
})

/** From where somebody asks. */
export const originOf = ({ headers, ip }: FastifyRequest): Origin => ({
  device: headers['user-agent'],
  address: ip,
})
