import { flushCompileCache } from 'node:module'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { MongoDBNode } from './node.ts'

const settings = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(27_017),
  host: z.string().default('127.0.0.1'),
  db: z.string().min(1).default('.data/mongodb'),
})

try {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, host: { type: 'string' }, db: { type: 'string' } },
  })
  const { port, host, db } = settings.parse(values)
  const node = await MongoDBNode.start({ port, host, db })
  console.log(`MongoDB node listening on ${host}:${node.port}`)
  // Where Node keeps what it compiled, a node that is killed leaves it to the next one, too.
  flushCompileCache()
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
  console.error(`The MongoDB node could not start: ${reason}`)
  process.exit(1)
}
