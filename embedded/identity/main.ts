import { parseArgs } from 'node:util'
import { z } from 'zod'
import { runNode } from '../runNode.ts'
import { defaultClientId, defaultClientSecret, defaultPort } from './defaults.ts'
import { IdentityNode } from './node.ts'

const LOOPBACK = ['http://127.0.0.1:4000/auth/google/callback', 'http://localhost:4000/auth/google/callback']

const settings = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(defaultPort),
  host: z.string().default('127.0.0.1'),
  'client-id': z.string().min(1).default(defaultClientId),
  'client-secret': z.string().min(1).default(defaultClientSecret),
  'redirect-uri': z.array(z.url()).min(1).default(LOOPBACK),
})

await runNode('Identity', async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'client-id': { type: 'string' },
      'client-secret': { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
    },
  })
  const {
    port,
    host,
    'client-id': id,
    'client-secret': secret,
    'redirect-uri': redirectUris,
  } = settings.parse(values)
  return { host, node: await IdentityNode.start({ port, host, client: { id, secret, redirectUris } }) }
})
