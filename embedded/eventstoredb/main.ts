import { parseArgs } from 'node:util'

import { EventStoreDBNode } from './node.ts'

const usage =
  'Usage: node embedded/eventstoredb/main.ts [--port 2113] [--host 127.0.0.1] [--db DIRECTORY] [--no-projections]'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '2113' },
      host: { type: 'string', default: '127.0.0.1' },
      db: { type: 'string' },
      projections: { type: 'boolean', default: true },
    },
    allowNegative: true,
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port} is no port.`)
  const node = await EventStoreDBNode.start({
    port,
    host: values.host,
    projections: values.projections,
    ...(values.db === undefined ? {} : { db: values.db }),
  })
  console.log(`EventStoreDB node listening on ${node.host}:${node.port}`)
  const stop = (): void => {
    node.stop().then(() => process.exit(0), fail)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`The EventStoreDB node can't run: ${message}\n${usage}`)
  process.exit(1)
}

main().catch(fail)
