import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { ApiDocument } from '../../service/rest/document.ts'
import { restOf } from '../../service/rest/scope.ts'
import { accountRoutes } from './accounts.ts'
import type { AccountRouteParts } from './accounts.ts'
import { paymentRoutes } from './payments.ts'
import type { PaymentRouteParts } from './payments.ts'

export interface PaymentApiParts extends AccountRouteParts, PaymentRouteParts {
  readonly access: Access
}

/** What the payments service says of its API. */
export const paymentDocument = (auth: ApiDocument['auth']): ApiDocument => ({
  title: 'Counterfoil: payments',
  description:
    'Accounts and payments over plain HTTP: the same commands and rules as in GraphQL. Amounts are integers in minor ' +
    'units. What is refused is a problem document (RFC 9457).',
  tags: [
    { name: 'accounts', description: 'What people pay from: their wallets.' },
    { name: 'payments', description: 'How orders are paid.' },
  ],
  auth,
})

/** Adds the payments' API over plain HTTP. */
export const servePayments = (http: FastifyInstance, parts: PaymentApiParts) => {
  void restOf(http, parts.access, (scope) => {
    accountRoutes(scope, parts)
    paymentRoutes(scope, parts)
  })
}
