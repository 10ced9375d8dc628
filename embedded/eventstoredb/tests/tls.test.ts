import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'

import { EventStoreDBClient } from '@eventstore/db-client'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import type { TlsIdentity } from '../security/tls.ts'
import { admin, connectSecurely, newIdentity, startSecureServer, type SecureServer } from './secure-server.ts'
import { connect, newStream, noted, notesIn, take } from './server.ts'
import { spawnNode } from './spawned-node.ts'

let server: SecureServer
let authority: { readonly host: string; readonly port: number }
beforeAll(async () => {
  server = await startSecureServer()
  const { hostname, port } = new URL(server.url)
  authority = { host: hostname, port: Number(port) }
})
afterAll(() => server.stop())

const isAlive = async (): Promise<boolean> => {
  const stream = newStream()
  await server.as(admin).appendToStream(stream, noted('a'))
  return (await notesIn(server.as(admin), stream)).length === 1
}

const statusOverHttps = async (path: string, options: { ca: string }): Promise<number> => {
  const dispatcher = new Agent({ connect: { ...options, servername: 'localhost' }, allowH2: true })
  try {
    const { statusCode, body } = await request(`https://${authority.host}:${authority.port}${path}`, {
      dispatcher,
    })
    await body.dump()
    return statusCode
  } finally {
    await dispatcher.close()
  }
}

describe('over TLS', () => {
  it('the official client reads, writes and subscribes', async () => {
    expect(server.url).toContain('tls=true')
    const client = server.as(admin)
    const stream = newStream()
    const subscription = client.subscribeToStream(stream)
    const taken = take(subscription, 2)
    await client.appendToStream(stream, [noted('a'), noted('b')])
    expect(await taken).toHaveLength(2)
    expect(await notesIn(client, stream)).toEqual(['a', 'b'])
  })

  it('much data comes whole', async () => {
    const client = server.as(admin)
    const stream = newStream()
    const notes = Array.from({ length: 200 }, (_, n) => `${n} ${'x'.repeat(20_000)}`)
    for (const note of notes) await client.appendToStream(stream, noted(note))
    expect(await notesIn(client, stream)).toEqual(notes)
  })

  it('the node is found by gossip, as by clients of a cluster', async () => {
    const endpoint = { address: authority.host, port: authority.port }
    const rootCertificate = Buffer.from(server.ca)
    const client = new EventStoreDBClient({ endpoints: [endpoint, endpoint] }, { rootCertificate }, admin)
    const stream = newStream()
    await client.appendToStream(stream, noted('a'))
    expect(await notesIn(client, stream)).toEqual(['a'])
    await client.dispose()
  })

  it('who could speak HTTP/2 as well is answered over HTTP/1.1 on the same port', async () => {
    expect(await statusOverHttps('/health/live', { ca: server.ca })).toBe(204)
    expect(await statusOverHttps('/nowhere', { ca: server.ca })).toBe(404)
  })

  it.each([
    ['HTTP/2 and HTTP/1.1', ['h2', 'http/1.1'], 'http/1.1'],
    ['HTTP/1.1 alone', ['http/1.1'], 'http/1.1'],
    ['HTTP/2 alone, as for gRPC', ['h2'], 'h2'],
    ['nothing of it', [], false],
  ])('who speaks %s is taken at their word', async (_, ALPNProtocols, chosen) => {
    const socket = connectTls({ ...authority, ca: server.ca, servername: 'localhost', ALPNProtocols })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    expect(socket.alpnProtocol).toBe(chosen)
    socket.destroy()
  })

  it('clients that do not say what they speak get HTTP/1.1', async () => {
    const socket = connectTls({ ...authority, ca: server.ca, servername: 'localhost' })
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 204 /u)
  })

  it('clients that speak neither HTTP/2 nor HTTP/1.1 are turned away', async () => {
    const socket = connectTls({
      ...authority,
      ca: server.ca,
      servername: 'localhost',
      ALPNProtocols: ['smtp'],
    })
    const error = await new Promise((resolve) => socket.once('error', resolve))
    expect(String(error)).toContain('no application protocol')
  })
})

describe('a client goes away with an error, and the node lives on, if it', () => {
  it('knows another authority', async () => {
    const { cert } = await newIdentity()
    const client = connectSecurely(server.url, String(cert), admin)
    await expect(client.appendToStream(newStream(), noted('a'))).rejects.toMatchObject({
      code: 14,
    })
    await client.dispose()
    await expect(statusOverHttps('/health/live', { ca: String(cert) })).rejects.toThrow('self-signed')
    expect(await isAlive()).toBe(true)
  })

  it('speaks gRPC without TLS', async () => {
    const client = connect(server.url.replace('tls=true', 'tls=false'))
    await expect(client.appendToStream(newStream(), noted('a'))).rejects.toMatchObject({
      code: 14,
    })
    await client.dispose()
    const session = connectHttp2(`http://${authority.host}:${authority.port}`)
    await new Promise((resolve) => session.once('close', resolve).once('error', () => undefined))
    expect(await isAlive()).toBe(true)
  })

  it('speaks HTTP without TLS', async () => {
    const error = await new Promise((resolve) => {
      httpRequest({ ...authority, path: '/health/live' }, (response) => resolve(response.statusCode))
        .once('error', resolve)
        .end()
    })
    expect(error).toBeInstanceOf(Error)
    expect(await isAlive()).toBe(true)
  })

  it('hangs up while shaking hands', async () => {
    const socket = connectSocket(authority.port, authority.host)
    await new Promise<void>((resolve) => socket.write(Buffer.from([22, 3, 1, 2, 0, 1]), () => resolve()))
    socket.resetAndDestroy()
    expect(await isAlive()).toBe(true)
  })
})

describe('a node of our own', () => {
  it('stops at once, whoever is connected and however far', async () => {
    const tls = await newIdentity()
    const node = await EventStoreDBNode.start({ tls })
    const client = connectSecurely(node.connectionString, String(tls.cert))
    const dropped = new Promise((resolve) => client.subscribeToAll().resume().once('error', resolve))
    await client.appendToStream(newStream(), noted('a'))
    const silent = connectSocket(node.port, node.host)
    await new Promise((resolve) => silent.once('connect', resolve))
    const gone = new Promise((resolve) =>
      silent
        .once('close', resolve)
        .once('error', () => undefined)
        .resume(),
    )
    await node.stop()
    expect(await dropped).toMatchObject({ type: 'unavailable' })
    await gone
    await client.dispose()
  })

  it('needs no users for TLS', async () => {
    const tls = await newIdentity()
    const node = await EventStoreDBNode.start({ tls })
    const client = connectSecurely(node.connectionString, String(tls.cert))
    await expect(client.appendToStream(newStream(), noted('a'))).resolves.toMatchObject({ success: true })
    await client.dispose()
    await node.stop()
  })
})

describe('a certificate is refused at the start', () => {
  const newKey = (): string =>
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey

  it.each<[string, (good: TlsIdentity) => TlsIdentity, string]>([
    ['if it is none', ({ key }) => ({ cert: 'no certificate', key }), "The TLS certificate can't be used"],
    ['if its key is none', ({ cert }) => ({ cert, key: 'no key' }), "The TLS key can't be used"],
    ['if the key is another one', ({ cert }) => ({ cert, key: newKey() }), 'is not that of the certificate'],
    ['if it is taken for the key', ({ cert }) => ({ cert, key: cert }), "The TLS key can't be used"],
  ])('%s', async (_, spoil, complaint) => {
    const tls = spoil(await newIdentity())
    await expect(EventStoreDBNode.start({ tls })).rejects.toThrow(complaint)
  })
})

describe('on the command line', () => {
  it('a certificate and its key come from files', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
    const { cert, key } = await newIdentity()
    const files = { cert: join(directory, 'node.crt'), key: join(directory, 'node.key') }
    await writeFile(files.cert, cert)
    await writeFile(files.key, key)
    const args = ['--tls-cert', files.cert, '--tls-key', files.key]
    const node = await spawnNode({ args })
    const client = connectSecurely(`esdb://127.0.0.1:${node.port}?tls=true`, String(cert))
    await expect(client.appendToStream(newStream(), noted('a'))).resolves.toMatchObject({ success: true })
    await client.dispose()
    await node.stop()
    await expect(spawnNode({ args: args.slice(0, 2) })).rejects.toThrow('belong together')
    await expect(spawnNode({ args: [...args.slice(0, 3), `${files.key}.gone`] })).rejects.toThrow(
      'node.key.gone',
    )
    await expect(spawnNode({ args: [...args.slice(0, 3), files.cert] })).rejects.toThrow(
      "The TLS key can't be used",
    )
    await rm(directory, { recursive: true })
  })
})
