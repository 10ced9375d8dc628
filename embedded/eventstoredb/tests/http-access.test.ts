import { randomUUID } from 'node:crypto'

import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { authorization } from './raw-call.ts'
import { userCalls } from './raw-users.ts'
import { admin, ops, startSecureServer, type Credentials, type SecureServer } from './secure-server.ts'
import { newStream, noted } from './server.ts'

const user = { username: `user-${randomUUID()}`, password: 'of the user' }
const free = newStream()
const closed = newStream()
const system = newStream('$kept')

let server: SecureServer
let dispatcher: Agent
beforeAll(async () => {
  server = await startSecureServer()
  dispatcher = new Agent({ connect: { ca: server.ca, servername: 'localhost' } })
  await userCalls(server).create({ login: user.username, password: user.password })
  const root = server.as(admin)
  for (const stream of [free, closed, system]) await root.appendToStream(stream, noted('a'))
  await root.setStreamMetadata(closed, { acl: { readRoles: [], writeRoles: [] } })
})
afterAll(async () => {
  await dispatcher.close()
  await server.stop()
})

interface Asked {
  readonly credentials: Credentials | undefined
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
}

async function ask({ credentials, method, path }: Asked) {
  const { host } = new URL(server.url)
  const json = { 'content-type': 'application/json', 'es-eventtype': 'Noted', 'es-eventid': randomUUID() }
  const { statusCode, headers, body } = await request(`https://${host}${path}`, {
    dispatcher,
    method,
    headers: {
      accept: 'application/json',
      ...authorization(credentials),
      ...(method === 'POST' ? json : {}),
    },
    ...(method === 'POST' ? { body: '{"note":"b"}' } : {}),
  })
  await body.dump()
  return { status: statusCode, challenge: headers['www-authenticate'] }
}

const callers = [undefined, user, ops, admin, { username: 'admin', password: 'wrong' }] as const

/** What the anonymous, a user, an operator and an administrator get, and who has a wrong password. */
describe.each<[method: Asked['method'], path: string, ...statuses: number[]]>([
  ['GET', '/info', 200, 200, 200, 200, 401],
  ['GET', '/ping', 200, 200, 200, 200, 401],
  ['GET', '/gossip', 200, 200, 200, 200, 401],
  ['GET', `/streams/${free}`, 401, 200, 200, 200, 401],
  ['GET', `/streams/${free}/0`, 401, 200, 200, 200, 401],
  ['GET', `/streams/${free}/metadata`, 401, 200, 200, 200, 401],
  ['GET', `/streams/${closed}`, 401, 403, 403, 200, 401],
  ['GET', `/streams/${closed}/0`, 401, 403, 403, 200, 401],
  ['GET', `/streams/${system}`, 401, 403, 403, 200, 401],
  ['GET', '/streams/$all', 401, 403, 403, 200, 401],
  ['GET', '/streams/$user-admin', 401, 403, 403, 200, 401],
  ['POST', `/streams/${free}`, 401, 201, 201, 201, 401],
  ['POST', `/streams/${closed}`, 401, 403, 403, 201, 401],
  ['GET', '/stats', 401, 200, 200, 200, 401],
  ['GET', '/info/options', 401, 403, 200, 200, 401],
])('%s %s', (method, path, ...statuses) => {
  it.each(
    callers.map((credentials, n) => [credentials?.username ?? 'nobody', credentials, statuses[n]] as const),
  )('by %s: %s', async (_, credentials, expected) => {
    const { status, challenge } = await ask({ credentials, method, path })
    expect(status).toBe(expected)
    expect(challenge).toBe(status === 401 ? 'Basic realm="EventStoreDB", charset="UTF-8"' : undefined)
  })
})

it('the health of the node is for everyone to see, whatever they say', async () => {
  for (const credentials of callers) {
    expect(await ask({ credentials, method: 'GET', path: '/health/live' })).toMatchObject({ status: 204 })
  }
})
