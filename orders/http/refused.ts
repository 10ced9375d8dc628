import type { FastifyReply } from 'fastify'
import { problemOfRefusal, sendProblem } from '../../service/problems.ts'
import { orderRefusal } from '../refusals.ts'
import type { OrderRefusal } from '../refusals.ts'

type Kind = ReturnType<typeof orderRefusal>['kind']

/** Refusals as HTTP means them: not there, against what was done before, or against a rule. */
const STATUS: Readonly<Record<Kind, number>> = {
  OrderNotFound: 404,
  IdempotencyConflict: 409,
  OrderAlreadyPaid: 409,
  OrderAlreadyFailed: 409,
  OrderNotPaid: 409,
  AmountOutOfRange: 422,
  EmptyOrder: 422,
  TooManyLines: 422,
  QuantityOutOfRange: 422,
  UnknownProduct: 422,
  MixedCurrencies: 422,
  MoreThanRemains: 422,
  WrongCurrency: 422,
}

/** Answers with the refusal. */
export const sendRefusal = (reply: FastifyReply, refused: OrderRefusal) => {
  const said = orderRefusal(refused)
  return said.kind === 'OrderNotFound'
    ? noSuchOrder(reply)
    : sendProblem(reply, problemOfRefusal(said, STATUS[said.kind]))
}

/** The same whether there is none, or it is somebody else's. */
export const noSuchOrder = (reply: FastifyReply) =>
  sendProblem(reply, { status: STATUS.OrderNotFound, detail: 'There is no such order.' })
