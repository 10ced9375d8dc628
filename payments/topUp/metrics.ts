import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import type { TopUpId } from '../../domain/ids.ts'
import type { Logger } from '../../service/logger.ts'
import type { WatchObserver } from '../../service/watchDue.ts'
import type { CardRefund } from '../card/intent.ts'
import type { TopUpTrouble } from './trouble.ts'

/** Puts what a person has to look into, and what can't be let go of, into logs and metrics. */
export const watchTopUps = (registry: Registry, log: Logger) => {
  const troubles = new Counter({
    name: 'top_up_troubles_total',
    help: 'Top-ups that a person has to look into: money that can’t go back to the card, or is spent and back on it.',
    labelNames: ['type'] as const,
    registers: [registry],
  })
  const expiry: WatchObserver<TopUpId> = {
    looked: () => undefined,
    failed: (topUpId, fault) => log.warn({ err: fault, topUpId }, 'a top-up can’t be let go of'),
    blind: (fault) => log.warn({ err: fault }, 'due top-ups can’t be found'),
  }
  return {
    expiry,
    bounced: (topUpId: TopUpId, { id: refund, amount, currency, failureReason }: CardRefund) => {
      troubles.inc({ type: 'bounced' })
      log.error(
        { topUpId, refund, amount, currency, failureReason },
        'money of a top-up that had gone back to a card came back to the shop: deposit it in the wallet again',
      )
    },
    trouble: ({ type, data }: TopUpTrouble) => {
      troubles.inc({ type })
      log.error(
        data,
        type === 'TopUpReturnFailed'
          ? 'money that the wallet could not take can’t go back to the card: pay it to the customer in another way'
          : 'money of a top-up is back on the card, and was spent: the shop is short of it',
      )
    },
  }
}
