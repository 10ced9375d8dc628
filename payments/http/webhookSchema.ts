import { z } from 'zod'
import { problems } from '../../service/rest/problem.ts'

/**
 * The webhook in the document. What comes in is verified by its signature over the bytes, and not by this schema, and
 * nothing but a constant goes out: so the compilers let everything pass.
 */
export const asDocumented = {
  validatorCompiler: () => (value: unknown) => ({ value }),
  serializerCompiler: () => (value: unknown) => JSON.stringify(value),
  schema: {
    tags: ['payments'],
    security: [],
    operationId: 'takeWebhook',
    summary: 'Take news of the card processor',
    description:
      'For the card processor only, whose signature (`Stripe-Signature`) is over the body as it comes. Each event is ' +
      'handled once; anything but 2xx makes the processor send it again.',
    body: z
      .looseObject({ id: z.string(), type: z.string() })
      .meta({ id: 'ProcessorEvent', description: 'An event as the processor writes it, at most 64 KiB.' }),
    response: {
      200: {
        description: 'It is kept.',
        content: {
          'application/json': { schema: z.object({ received: z.literal(true) }).meta({ id: 'Received' }) },
        },
      },
      ...problems(400, 413, 500, 503),
    },
  },
}
