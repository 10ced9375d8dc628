import { z } from 'zod'
import { maySee } from '../../access/viewer.ts'
import { isMovable } from '../../domain/money.ts'
import { caughtUp } from '../../projections/consistency.ts'
import type { ReadModels } from '../../projections/readModels.ts'
import { sendProblem } from '../../service/problems.ts'
import type { RateLimit } from '../../service/rateLimit.ts'
import { answer, queryHeaders, repeatableHeaders } from '../../service/rest/headers.ts'
import { problems } from '../../service/rest/problem.ts'
import { UserIdField } from '../../service/rest/schemas.ts'
import { causeOf, limitedBy, MAX_BODY, sayPosition, tokenIn, viewerOf } from '../../service/rest/scope.ts'
import type { RestScope } from '../../service/rest/scope.ts'
import type { WalletCommands } from '../commands.ts'
import { sendOutOfRange, sendRefusal } from './refused.ts'
import { Account, ACCOUNT, newAccountIn, newDepositIn } from './schemas.ts'
import { accountAsJson } from './shape.ts'

export interface AccountRouteParts {
  readonly wallets: WalletCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
  /** Of amounts that don't name one. */
  readonly currency: string
}

const tags = ['accounts']
const Whose = z.strictObject({
  user_id: UserIdField.optional().meta({ description: 'For admins: whose account.' }),
})

/** Accounts over plain HTTP, which are the wallets: open, deposit, balance. */
export const accountRoutes = (
  http: RestScope,
  { wallets, readModels, limit, currency }: AccountRouteParts,
) => {
  const onRequest = limitedBy(limit)

  http.post(
    '/accounts',
    {
      bodyLimit: MAX_BODY,
      onRequest,
      schema: {
        tags,
        operationId: 'openAccount',
        summary: 'Open an account',
        description:
          'Each person has one, in one currency. The same request with the same key answers as the first time (201 again).',
        headers: repeatableHeaders,
        body: newAccountIn(currency),
        response: {
          201: answer({
            description: 'The account is open; `Location` says where its balance is.',
            schema: Account,
            example: { ...ACCOUNT, balance: 0 },
            headers: { Location: z.string() },
          }),
          ...problems(400, 401, 403, 409, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const opened = await wallets.openWallet(
        {
          ownerId: viewerOf(request).id,
          currency: request.body.currency,
          idempotencyKey: request.headers['idempotency-key'],
        },
        causeOf(request),
      )
      if (opened.refused) return sendRefusal(reply, opened.refused)
      void sayPosition(reply, opened.position).code(201).header('location', ACCOUNT.links.self)
      return accountAsJson(opened.ownerId, opened.balance)
    },
  )

  http.post(
    '/accounts/deposit',
    {
      bodyLimit: MAX_BODY,
      onRequest,
      schema: {
        tags,
        operationId: 'deposit',
        summary: 'Deposit',
        description:
          'Puts money into one’s account. The same request with the same key answers as the first time, and deposits once.',
        headers: repeatableHeaders,
        body: newDepositIn(currency),
        response: {
          200: answer({
            description: 'The account as the deposit left it.',
            schema: Account,
            example: ACCOUNT,
          }),
          ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { body: money } = request
      if (!isMovable(money)) return sendOutOfRange(reply)
      const deposited = await wallets.deposit(
        {
          ownerId: viewerOf(request).id,
          money,
          idempotencyKey: request.headers['idempotency-key'],
        },
        causeOf(request),
      )
      if (deposited.refused) return sendRefusal(reply, deposited.refused)
      void sayPosition(reply, deposited.position)
      return accountAsJson(deposited.ownerId, deposited.balance)
    },
  )

  http.get(
    '/accounts/balance',
    {
      schema: {
        tags,
        operationId: 'getBalance',
        summary: 'Look up a balance',
        description: 'One’s own; admins may see anybody’s by `user_id`.',
        headers: queryHeaders,
        querystring: Whose,
        response: {
          200: answer({ description: 'The account.', schema: Account, example: ACCOUNT }),
          ...problems(400, 401, 403, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const viewer = viewerOf(request)
      const owner = request.query.user_id ?? viewer.id
      await caughtUp(readModels, tokenIn(request), 'wallets')
      const found = maySee(viewer, owner) ? await readModels.wallet(owner) : undefined
      if (!found) return sendProblem(reply, { status: 404, detail: 'There is no such account.' })
      void sayPosition(reply, found.position)
      return accountAsJson(owner, found.balance)
    },
  )
}
