import { parseArgs } from 'node:util'
import { z } from 'zod'
import { runNode } from '../runNode.ts'
import { defaultKey, defaultWebhookSecret } from './defaults.ts'
import { StripeNode } from './node.ts'

const settings = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(12_111),
  host: z.string().default('127.0.0.1'),
  db: z.string().min(1).default('.data/stripe'),
  webhook: z.url({ protocol: /^https?$/ }).optional(),
  secret: z
    .string()
    .regex(/^whsec_\w+$/, 'must be whsec_…')
    .default(defaultWebhookSecret),
  key: z
    .string()
    .regex(/^sk_test_\w+$/, 'must be sk_test_…')
    .default(defaultKey),
})

await runNode('Stripe', async (onFault) => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      db: { type: 'string' },
      webhook: { type: 'string' },
      secret: { type: 'string' },
      key: { type: 'string' },
    },
  })
  const { secret: webhookSecret, webhook, ...rest } = settings.parse(values)
  const told = webhook === undefined ? {} : { webhook }
  return { host: rest.host, node: await StripeNode.start({ ...rest, ...told, webhookSecret, onFault }) }
})
