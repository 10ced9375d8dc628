import { TopUpId } from '../../domain/ids.ts'
import type { UserId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import { impossible, refuse } from '../../eventstore/decision.ts'
import type { Decision, RefusedAnswer } from '../../eventstore/decision.ts'
import { derivedId } from '../../eventstore/idempotency.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import type { IdempotencyConflict } from '../../eventstore/requests.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { Intent } from '../card/intent.ts'
import type { CardProcessor } from '../card/processor.ts'
import { CardRefused } from '../card/refused.ts'
import type { WalletEvent } from '../events.ts'
import type { Wallet } from '../wallet.ts'
import type { NotTaken, TopUpEvent } from './events.ts'
import { ofTopUp } from './metadata.ts'
import { begin, cancel, giveUp, request } from './paying.ts'
import { whyNot } from './takeTopUp.ts'
import type { TopUp } from './topUp.ts'

/**
 * Milliseconds that a customer has to pay. The processor knows a repeated request again for a day, so that one top-up
 * never has two intents.
 */
export const TOP_UP_TIMEOUT = 24 * 3_600_000

export interface TopUpOptions {
  readonly topUps: Writer<TopUp, TopUpEvent>
  readonly wallets: Writer<Wallet, WalletEvent>
  readonly processor: CardProcessor
  readonly now: () => Date
}

export interface TopUpRequest {
  readonly ownerId: UserId
  readonly amount: Money
  readonly idempotencyKey: string
}

/** A top-up that can be paid; `clientSecret` lets the customer's browser do it, and is written down nowhere. */
export interface TopUpAnswer {
  readonly refused?: never
  readonly topUpId: TopUpId
  readonly amount: Money
  readonly clientSecret: string
  readonly position: bigint
}

export type TopUpRefusal =
  | { readonly code: 'NO_WALLET' }
  /** The wallet's currency is another. */
  | { readonly code: 'WRONG_CURRENCY'; readonly currency: string }
  /** The wallet would hold more than a wallet may. */
  | { readonly code: 'AMOUNT_OUT_OF_RANGE' }
  | IdempotencyConflict
  /** The processor does not take such a currency, or so little or so much by card. */
  | { readonly code: 'NOT_CHARGEABLE'; readonly because: NotTaken }
  /** It was not paid in time; a new one needs a new key. */
  | { readonly code: 'TOP_UP_CANCELLED' }

/** The top-up that a person's request with this key makes. */
export const topUpIdFor = (ownerId: UserId, idempotencyKey: string): TopUpId =>
  TopUpId.parse(derivedId('topUp', ownerId, idempotencyKey))

/**
 * Lets somebody pay into their wallet by card: answers the secret with which their browser pays. The same key with the
 * same input answers the same intent, also when the first answer was lost anywhere on its way.
 */
export const topUpCommands = ({ topUps, wallets, processor, now }: TopUpOptions) => {
  const isExpired = (payBy: string) => now() >= new Date(payBy)

  /** Refused if the wallet could not take so much as it is now; what becomes of it meanwhile, the deposit finds out. */
  const ofUse = async ({ ownerId, amount }: TopUpRequest, cause: Cause) => {
    const outcome = await wallets.transact(ownerId, obstacle(amount), { cause })
    return outcome.refused && { refused: outcome.refused, position: outcome.position }
  }

  const requested = async (
    input: TopUpRequest,
    topUpId: TopUpId,
    cause: Cause,
  ): Promise<Standing | RefusedAnswer<TopUpRefusal>> => {
    const { ownerId, amount, idempotencyKey } = input
    const before = await topUps.transact(topUpId, () => [], { cause })
    const obstacle = before.state.status === 'NONE' ? await ofUse(input, cause) : undefined
    if (obstacle) return obstacle
    const requestedAt = now()
    const data = {
      topUpId,
      ownerId,
      amount,
      idempotencyKey,
      requestedAt: requestedAt.toISOString(),
      payBy: new Date(requestedAt.getTime() + TOP_UP_TIMEOUT).toISOString(),
    }
    const { refused, state, position } = await topUps.transact(topUpId, request(data), { cause })
    return refused === undefined ? { state, position } : { refused, position }
  }

  /** The intent that the processor has for a top-up, or makes for it now; undefined if it makes none. */
  const intentFor = async (topUp: Extract<TopUp, { status: 'PENDING' }>) => {
    const { topUpId, ownerId, amount } = topUp
    try {
      const intent = await processor.createIntent({
        amount,
        metadata: ofTopUp(topUpId, ownerId),
        idempotencyKey: topUpId,
      })
      return { intent }
    } catch (fault) {
      const reason = fault instanceof CardRefused ? notTaken(fault) : undefined
      if (reason === undefined) throw fault
      return { reason }
    }
  }

  const begun = async (
    topUp: Extract<TopUp, { status: 'PENDING' }>,
    cause: Cause,
  ): Promise<TopUpAnswer | RefusedAnswer<TopUpRefusal>> => {
    const { topUpId, payBy } = topUp
    const { intent, reason } = isExpired(payBy) ? {} : await intentFor(topUp)
    if (!intent) {
      const decide = reason ? giveUp(reason) : cancel('DEADLINE')
      return answerFor(await topUps.transact(topUpId, decide, { cause }))
    }
    const { state, position } = await topUps.transact(topUpId, begin(intent.id), { cause })
    // It was let go of meanwhile: nobody may pay it.
    if (state.status === 'CANCELLED') await processor.cancelIntent(intent.id)
    return answerFor({ state, position }, intent)
  }

  const answerFor = async (
    { state, position }: Standing,
    made?: Intent,
  ): Promise<TopUpAnswer | RefusedAnswer<TopUpRefusal>> => {
    switch (state.status) {
      case 'NONE':
        return impossible('a top-up that was requested, and is not there')
      case 'REFUSED':
        return { refused: { code: 'NOT_CHARGEABLE', because: state.reason }, position }
      case 'CANCELLED':
        return { refused: { code: 'TOP_UP_CANCELLED' }, position }
      default: {
        const { topUpId, amount, intentId } = state
        if (intentId === undefined) return impossible('a top-up that nobody can pay')
        const intent = made?.id === intentId ? made : await processor.intent(intentId)
        const { clientSecret } = intent
        if (clientSecret === undefined) return impossible('an intent without its secret')
        return { topUpId, amount, clientSecret, position }
      }
    }
  }

  return {
    topUp: async (input: TopUpRequest, cause: Cause): Promise<TopUpAnswer | RefusedAnswer<TopUpRefusal>> => {
      const topUpId = topUpIdFor(input.ownerId, input.idempotencyKey)
      const outcome = await requested(input, topUpId, cause)
      if ('refused' in outcome) return outcome
      const { state } = outcome
      return state.status === 'PENDING' && state.intentId === undefined
        ? begun(state, cause)
        : answerFor(outcome)
    },
  }
}
export type TopUpCommands = ReturnType<typeof topUpCommands>

interface Standing {
  readonly state: TopUp
  readonly position: bigint
}

type Obstacle = Extract<TopUpRefusal, { code: 'NO_WALLET' | 'WRONG_CURRENCY' | 'AMOUNT_OUT_OF_RANGE' }>

const obstacle =
  (amount: Money) =>
  (wallet: Wallet): Decision<never, Obstacle> => {
    const failure = whyNot(wallet, amount)
    if (!failure) return []
    if (failure.reason === 'CURRENCY_MISMATCH' && wallet.status === 'OPEN')
      return refuse({ code: 'WRONG_CURRENCY', currency: wallet.currency })
    return failure.reason === 'AMOUNT_OUT_OF_RANGE'
      ? refuse({ code: 'AMOUNT_OUT_OF_RANGE' })
      : refuse({ code: 'NO_WALLET' })
  }

/** Which part of the request the processor does not take; undefined if it says no to something else. */
const notTaken = ({ code, param }: CardRefused): NotTaken | undefined => {
  if (param === 'currency') return 'CURRENCY'
  return param === 'amount' || code.startsWith('amount_too_') ? 'AMOUNT' : undefined
}
