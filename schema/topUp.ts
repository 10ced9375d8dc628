import { z } from 'zod'
import { maySee } from '../access/viewer.ts'
import { TopUpId } from '../domain/ids.ts'
import { isMovable, MoneyInput } from '../domain/money.ts'
import { sentenceOf } from '../domain/reason.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import type { TopUpCommands } from '../payments/topUp/commands.ts'
import { topUpRefusal } from '../payments/topUp/refusals.ts'
import type { TopUpDocument } from '../projections/documents.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { tokenOf } from '../service/opaque.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { amountOutOfRange } from './input.ts'
import { member } from './member.ts'
import { mutationWithin, queryOver } from './resolver.ts'

export interface TopUpParts {
  readonly topUps: TopUpCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

const TopUpWallet = z.object({ input: z.object({ amount: MoneyInput, idempotencyKey: IdempotencyKey }) })

/** Paying into one's own wallet by card, and how that stands. */
export const topUpResolvers = ({ topUps, readModels, limit }: TopUpParts) => ({
  Query: {
    topUp: queryOver(readModels, 'topUps')(z.object({ id: TopUpId }), async ({ args, viewer }) => {
      const found = await readModels.topUp(args.id)
      return found && maySee(viewer, found.ownerId) ? topUpOf(found) : null
    }),
  },

  Mutation: {
    topUpWallet: mutationWithin(limit)(TopUpWallet, async ({ args, viewer, context }) => {
      const { amount, idempotencyKey } = args.input
      if (!isMovable(amount)) return amountOutOfRange
      const cause = begin(context.requestId, viewer.id)
      const answer = await topUps.topUp({ ownerId: viewer.id, amount, idempotencyKey }, cause)
      if (answer.refused) return member(topUpRefusal(answer.refused))
      return { __typename: 'TopUpPayment', ...answer } as const
    }),
  },

  TopUpPayment: { consistencyToken: ({ position }: { position: bigint }) => tokenOf(position) },
})

const topUpOf = ({ _id: id, failure, ...topUp }: TopUpDocument) => ({
  ...topUp,
  id,
  problem: failure && sentenceOf(failure),
})
