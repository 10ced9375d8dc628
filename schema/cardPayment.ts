import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import type { CardCommands } from '../payments/card/commands.ts'
import { cardRefusal } from '../payments/card/refusals.ts'
import { tokenOf } from '../service/opaque.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { member } from './member.ts'
import { mutationWithin } from './resolver.ts'

export interface CardPaymentParts {
  readonly cards: CardCommands
  readonly limit: RateLimit
}

/** The key changes nothing: an order has one payment. */
const CreateCardPayment = z.object({ input: z.object({ orderId: OrderId, idempotencyKey: IdempotencyKey }) })

/** Paying an order by card, which only its own customer may begin. */
export const cardPaymentResolvers = ({ cards, limit }: CardPaymentParts) => ({
  Mutation: {
    createCardPayment: mutationWithin(limit)(CreateCardPayment, async ({ args, viewer, context }) => {
      const answer = await cards.createCardPayment(
        { orderId: args.input.orderId, isAllowed: (customer) => customer === viewer.id },
        begin(context.requestId, viewer.id),
      )
      if (answer.refused) return member(cardRefusal(answer.refused))
      const { paymentId, clientSecret, position } = answer
      return { __typename: 'CardPayment', paymentId, clientSecret, position } as const
    }),
  },

  CardPayment: { consistencyToken: ({ position }: { position: bigint }) => tokenOf(position) },
})
