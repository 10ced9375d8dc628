import { randomUUID } from 'node:crypto'

import { jsonEvent } from '@eventstore/db-client'

/** An event as a shop has it: some 300 bytes of data and metadata. */
export const benchmarkEvent = () =>
  jsonEvent({
    id: randomUUID(),
    type: 'PaymentRequested',
    data: {
      orderId: randomUUID(),
      amount: { amount: 1_999, currency: 'EUR' },
      payBy: '2026-01-01T00:10:00.000Z',
    },
    metadata: {
      $correlationId: randomUUID(),
      $causationId: randomUUID(),
      actor: 'user-42',
      time: '2026-01-01T00:00:00.000Z',
    },
  })
