import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../../service/logger.ts'
import type { OrderNewsOptions } from './orderNews.ts'
import type { ProcessorObserver } from './processor.ts'

/** Puts what the processor of cards was asked, and what came of it, into metrics. */
export const watchProcessor = (registry: Registry): ProcessorObserver => {
  const calls = new Histogram({
    name: 'card_processor_call_seconds',
    help: 'Time of a call to the card processor, its repetitions included, by operation and outcome.',
    labelNames: ['operation', 'outcome'] as const,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    registers: [registry],
  })
  return { called: (operation, outcome, seconds) => calls.observe({ operation, outcome }, seconds) }
}

/** Counts webhooks by type and by what came of them. */
export const countWebhooks = (registry: Registry): ((type: string, outcome: string) => void) => {
  const webhooks = new Counter({
    name: 'card_webhooks_total',
    help: 'Webhooks of the card processor, by type and by what came of them.',
    labelNames: ['type', 'outcome'] as const,
    registers: [registry],
  })
  return (type, outcome) => webhooks.inc({ type, outcome })
}

/** Tells of money that had gone back to a card, and came to the shop again: somebody has to look into that. */
export const reportBounced = (registry: Registry, log: Logger): OrderNewsOptions['bounced'] => {
  const refunds = new Counter({
    name: 'card_refunds_bounced_total',
    help: 'Refunds that had arrived, and that the bank sent back to the shop: to be paid in another way.',
    registers: [registry],
  })
  return (orderId, { id, amount, currency, failureReason }) => {
    refunds.inc()
    log.error(
      { orderId, refund: id, amount, currency, failureReason },
      'money that had gone back to a card came to the shop again: pay it to the customer in another way',
    )
  }
}
