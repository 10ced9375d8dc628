import { parseArgs } from 'node:util'
import { z } from 'zod'
import { runNode } from '../runNode.ts'
import { MongoDBNode } from './node.ts'

const settings = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(27_017),
  host: z.string().default('127.0.0.1'),
  db: z.string().min(1).default('.data/mongodb'),
})

await runNode('MongoDB', async () => {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, host: { type: 'string' }, db: { type: 'string' } },
  })
  const { port, host, db } = settings.parse(values)
  return { host, node: await MongoDBNode.start({ port, host, db }) }
})
