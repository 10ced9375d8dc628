import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import type { NodeOptions } from './node.ts'

export const usage = `Usage: npm run eventstoredb -- [options]

  --port 2113            0 for any free one
  --host 127.0.0.1
  --db DIRECTORY         where the data is kept
  --in-memory            no data is kept; so too without --db
  --no-projections       without the system projections
  --auth                 users have to prove who they are
  --admin-password, --ops-password
                         of the default users on a fresh database, else changeit; better given as
                         EVENTSTORE_ADMIN_PASSWORD and EVENTSTORE_OPS_PASSWORD in the environment
  --tls-cert FILE --tls-key FILE
                         the port takes TLS alone
  --verify               reads all of --db, says what is wrong with it and ends
  --help`

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'verify'; readonly db: string }
  | { readonly kind: 'run'; readonly options: NodeOptions }

/** What the arguments ask for. Throws in words what can't be. */
export async function commandOf(args: string[], env: NodeJS.ProcessEnv): Promise<Command> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '2113' },
      host: { type: 'string', default: '127.0.0.1' },
      db: { type: 'string' },
      'in-memory': { type: 'boolean', default: false },
      auth: { type: 'boolean', default: false },
      'admin-password': { type: 'string' },
      'ops-password': { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      projections: { type: 'boolean', default: true },
      verify: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  })
  if (values.help) return { kind: 'help' }
  const { db } = values
  if (db === '') throw new Error('--db needs the name of a directory.')
  if (db !== undefined && values['in-memory']) throw new Error('--db and --in-memory exclude each other.')
  if (values.verify) {
    if (db === undefined) throw new Error('--verify needs --db.')
    return { kind: 'verify', db }
  }
  const options = {
    port: portOf(values.port),
    host: values.host,
    projections: values.projections,
    ...(db === undefined ? {} : { db }),
    ...authentication(values.auth, env, values['admin-password'], values['ops-password']),
    ...(await tlsFiles(values['tls-cert'], values['tls-key'])),
  }
  return { kind: 'run', options }
}

function portOf(text: string): number {
  const port = Number(text)
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Error(`--port ${text} is no port.`)
}

/** Passwords come from the environment too: the command line is for all of the machine to see. */
function authentication(
  auth: boolean,
  env: NodeJS.ProcessEnv,
  admin?: string,
  ops?: string,
): Pick<NodeOptions, 'auth'> {
  if (!auth) {
    if (admin === undefined && ops === undefined) return {}
    throw new Error('Passwords mean nothing without --auth.')
  }
  const adminPassword = admin ?? env['EVENTSTORE_ADMIN_PASSWORD']
  const opsPassword = ops ?? env['EVENTSTORE_OPS_PASSWORD']
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
