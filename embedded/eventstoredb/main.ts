import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { EventStoreDBNode, type NodeOptions } from './node.ts'

const usage =
  'Usage: node embedded/eventstoredb/main.ts [--port 2113] [--host 127.0.0.1] [--db DIRECTORY] [--no-projections]\n' +
  '         [--auth [--admin-password PASSWORD] [--ops-password PASSWORD]] [--tls-cert FILE --tls-key FILE]'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '2113' },
      host: { type: 'string', default: '127.0.0.1' },
      db: { type: 'string' },
      auth: { type: 'boolean', default: false },
      'admin-password': { type: 'string' },
      'ops-password': { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
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
    ...authentication(values.auth, values['admin-password'], values['ops-password']),
    ...(await tlsFiles(values['tls-cert'], values['tls-key'])),
  })
  console.log(`EventStoreDB node listening on ${node.host}:${node.port}`)
  const stop = (): void => {
    node.stop().then(() => process.exit(0), fail)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** Passwords come from the environment too: the command line is for all of the machine to see. */
function authentication(auth: boolean, admin?: string, ops?: string): Pick<NodeOptions, 'auth'> {
  if (!auth) {
    if (admin === undefined && ops === undefined) return {}
    throw new Error('Passwords mean nothing without --auth.')
  }
  const adminPassword = admin ?? process.env['EVENTSTORE_ADMIN_PASSWORD']
  const opsPassword = ops ?? process.env['EVENTSTORE_OPS_PASSWORD']
  if (adminPassword === '' || opsPassword === '') throw new Error('A password can not be empty.')
  return {
    auth: {
      ...(adminPassword === undefined ? {} : { adminPassword }),
      ...(opsPassword === undefined ? {} : { opsPassword }),
    },
  }
}

async function tlsFiles(cert?: string, key?: string): Promise<Pick<NodeOptions, 'tls'>> {
  if (cert === undefined && key === undefined) return {}
  if (cert === undefined || key === undefined) throw new Error('--tls-cert and --tls-key belong together.')
  return { tls: { cert: await readFile(cert), key: await readFile(key) } }
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`The EventStoreDB node can't run: ${message}\n${usage}`)
  process.exit(1)
}

main().catch(fail)
