import { readFileSync } from 'node:fs'

import { EventStoreDBClient } from '@eventstore/db-client'
import { generate } from 'selfsigned'

import { EventStoreDBNode, type NodeOptions } from '../node.ts'
import type { TlsIdentity } from '../security/tls.ts'
import type { RawOptions } from './raw-call.ts'

export type Credentials = NonNullable<RawOptions['credentials']>

export const admin: Credentials = { username: 'admin', password: 'changeit' }
export const ops: Credentials = { username: 'ops', password: 'changeit' }

/**
 * A node with users and TLS: the one that EVENTSTORE_SECURE_URL names (with a tlsCAFile, without credentials, and
 * with passwords that are still `changeit`), else one of its own.
 */
export interface SecureServer {
  readonly url: string
  readonly ca: string
  /** The official client, one for each caller; without credentials it is anonymous. */
  as(credentials?: Credentials): EventStoreDBClient
  stop(): Promise<void>
}

export async function startSecureServer(options: NodeOptions = {}): Promise<SecureServer> {
  const given = process.env['EVENTSTORE_SECURE_URL']
  return given === undefined
    ? startOwn(options)
    : serverAt(given, authorityIn(given), () => Promise.resolve())
}

async function startOwn(options: NodeOptions): Promise<SecureServer> {
  const tls = options.tls ?? (await newIdentity())
  const node = await EventStoreDBNode.start({ auth: true, ...options, tls })
  return serverAt(node.connectionString, String(tls.cert), () => node.stop())
}

function serverAt(url: string, ca: string, stop: () => Promise<void>): SecureServer {
  const clients = new Map<string, EventStoreDBClient>()
  return {
    url,
    ca,
    as: (credentials) => {
      const key = JSON.stringify(credentials ?? null)
      const client = clients.get(key) ?? connectSecurely(url, ca, credentials)
      clients.set(key, client)
      return client
    },
    stop: async () => {
      for (const client of clients.values()) void client.dispose()
      await stop()
    },
  }
}

export function connectSecurely(url: string, ca: string, credentials?: Credentials): EventStoreDBClient {
  const { hostname, port } = new URL(url)
  const endpoint = { address: hostname, port: Number(port) }
  return new EventStoreDBClient({ endpoint }, { rootCertificate: Buffer.from(ca) }, credentials)
}

/** A certificate for this machine that vouches for itself. */
export async function newIdentity(): Promise<TlsIdentity> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { cert, key }
}

function authorityIn(url: string): string {
  const file = new URL(url).searchParams.get('tlsCAFile')
  if (file === null) throw new Error('EVENTSTORE_SECURE_URL needs a tlsCAFile.')
  return readFileSync(file, 'utf8')
}
