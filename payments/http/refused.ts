import type { FastifyReply } from 'fastify'
import { amountOutOfRange } from '../../domain/refusals.ts'
import { problemOfRefusal, sendProblem } from '../../service/problems.ts'
import type { CardPaymentRefusal } from '../card/commands.ts'
import { cardRefusal } from '../card/refusals.ts'
import { walletRefusal } from '../refusals.ts'
import type { DepositRefusal, OpenRefusal } from '../wallet.ts'

type Kind = ReturnType<typeof walletRefusal>['kind'] | ReturnType<typeof cardRefusal>['kind']

/** Refusals as HTTP means them: not there, against what was done before, or against a rule. */
const STATUS: Readonly<Record<Kind, number>> = {
  NoWallet: 404,
  OrderNotFound: 404,
  WalletExists: 409,
  IdempotencyConflict: 409,
  OrderAlreadyPaid: 409,
  OrderNotPayable: 409,
  OrderNotReserved: 409,
  OrderNotByCard: 422,
  NotChargeable: 422,
  WrongCurrency: 422,
  AmountOutOfRange: 422,
}

/** Answers with the refusal of a wallet. */
export const sendRefusal = (reply: FastifyReply, refused: OpenRefusal | DepositRefusal) => {
  const said = walletRefusal(refused)
  return sendProblem(reply, problemOfRefusal(said, STATUS[said.kind]))
}

/** Answers with the refusal of a payment by card. */
export const sendCardRefusal = (reply: FastifyReply, refused: CardPaymentRefusal) => {
  const said = cardRefusal(refused)
  return said.kind === 'OrderNotFound'
    ? sendProblem(reply, { status: STATUS.OrderNotFound, detail: said.message })
    : sendProblem(reply, problemOfRefusal(said, STATUS[said.kind]))
}

/** The answer to an amount that can't be moved at all. */
export const sendOutOfRange = (reply: FastifyReply) =>
  sendProblem(reply, problemOfRefusal(amountOutOfRange, STATUS.AmountOutOfRange))
