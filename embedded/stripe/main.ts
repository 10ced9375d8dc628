import { parseArgs } from 'node:util'
import { z } from 'zod'
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

try {
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
  const node = await StripeNode.start({
    ...rest,
    webhookSecret,
    ...(webhook === undefined ? {} : { webhook }),
    onFault: fail,
  })
  console.log(`Stripe node listening on ${rest.host}:${node.port}`)
  const stop = (): void => {
    node.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  fail(error)
}

function fail(error: unknown): never {
  const reason =
    error instanceof z.ZodError
      ? z.prettifyError(error)
      : error instanceof Error
        ? error.message
        : String(error)
  console.error(`The Stripe node has failed: ${reason}`)
  process.exit(1)
}
