import { EventStoreDBClient } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { vi } from 'vitest'
import { z } from 'zod'
import { accessFor } from '../access/accessFor.ts'
import { writerOf } from '../eventstore/transact.ts'
import type { Check } from '../service/checks.ts'
import { accessSettings, parseConfig, processSettings } from '../service/config.ts'
import { closeHttp, httpOf } from '../service/http.ts'
import { anyPorts, choosePorts } from '../start/ports.ts'
import { identity, startIdentity } from '../tests/startIdentity.ts'
import { startNodes } from '../tests/startNodes.ts'
import { chooseAt, openBrowser, whereTo } from './browserUnderTest.ts'
import type { Browser } from './browserUnderTest.ts'
import { devicesIn } from './devices.ts'
import { erasersIn } from './erasers.ts'
import { eraseUser } from './erasing.ts'
import { peopleFor } from './peopleFor.ts'
import { profilesIn } from './profiles.ts'
import { peopleSettings } from './settings.ts'
import { user } from './user.ts'

const Settings = z.object({ ...processSettings, ...accessSettings, ...peopleSettings })

export const newSigningKey = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid,
})

const TokenAnswer = z.strictObject({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.literal(900),
})
export type TokenAnswer = z.infer<typeof TokenAnswer>
const Me = z.object({ id: z.string(), role: z.string() }).loose()

export interface TestPeopleOptions {
  readonly keys?: readonly object[]
  readonly env?: Readonly<Record<string, string>>
  readonly perSecond?: number
}

/** Nodes and the local issuer, for instances of the API's sign-in that share them. */
export const startPeopleServers = async () => {
  const nodes = await startNodes()
  const issuer = await startIdentity()
  const client = EventStoreDBClient.connectionString(nodes.events)
  const mongo = new MongoClient(nodes.documents)
  const db = mongo.db(`test-${randomUUID()}`)
  const stops: (() => Promise<void>)[] = []
  /** Days that have passed: sessions last for a month. */
  let daysLater = 0
  const now = () => new Date(Date.now() + daysLater * 86_400_000)
  const users = writerOf(user, { client, now, newId: randomUUID })

  /** An instance of the sign-in, listening. */
  const serve = async ({
    keys = [newSigningKey('first')],
    env = {},
    perSecond = 0,
  }: TestPeopleOptions = {}) => {
    const { api: port } = await choosePorts(anyPorts, '127.0.0.1', () => undefined)
    const url = `http://127.0.0.1:${port}`
    const settings = parseConfig(Settings, {
      AUTH_MODE: 'jwt',
      PUBLIC_URL: url,
      ...issuer.env,
      AUTH_SIGNING_KEYS: JSON.stringify(keys),
      ...env,
    })
    const stopping = new AbortController()
    const checks: Check[] = []
    const logged: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
    const newId = () => randomUUID()
    const http = httpOf({ log, registry: new Registry(), newId, checks: () => checks })
    const works: Promise<unknown>[] = []
    const service = {
      settings,
      http,
      log,
      now,
      newId,
      signal: stopping.signal,
      check: (check: Check) => void checks.push(check),
      work: (_: string, work: Promise<unknown>) => void works.push(work),
    }
    const people = await peopleFor(service, { client, db, perSecond })
    people.serve(accessFor(service, { client, keys: people.keys }))
    await http.listen({ host: '127.0.0.1', port })
    const stop = async () => {
      await closeHttp(http)
      stopping.abort()
      await Promise.allSettled(works)
    }
    stops.push(stop)
    const isReady = async () =>
      (await Promise.allSettled(checks.map(({ run }) => run()))).every(({ status }) => status === 'fulfilled')
    await vi.waitUntil(isReady, { timeout: 20_000 })

    /** Goes as far as our callback, with a code. */
    const comeBack = async (browser: Browser, sub?: string, query = ''): Promise<string> => {
      const begun = await browser.go(`${url}/auth/google${query}`)
      return chooseAt(browser, whereTo(begun), sub)
    }
    const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })

    return {
      url,
      stop,
      /** All that was logged so far. */
      logged: () => logged.join(''),
      comeBack,
      post,
      /** Signs somebody in as an API client is. */
      signIn: async (n: number): Promise<TokenAnswer> => {
        const browser = openBrowser()
        const response = await browser.go(await comeBack(browser, identity(n).sub))
        return TokenAnswer.parse(await response.json())
      },
      /** Signs somebody in as a browser is. */
      signInBrowser: async (n: number): Promise<Browser> => {
        const browser = openBrowser()
        const response = await browser.go(await comeBack(browser, identity(n).sub, '?return_to=/'))
        if (response.status !== 303) throw new Error(`signing in answered ${response.status}`)
        return browser
      },
      refresh: (refreshToken: string) => post('/auth/refresh', { refresh_token: refreshToken }),
      /** The status, and who it is. */
      me: async (accessToken: string) => {
        const response = await fetch(`${url}/auth/me`, {
          headers: { authorization: `Bearer ${accessToken}` },
        })
        return { status: response.status, ...Me.partial().parse(await response.json()) }
      },
    }
  }

  return {
    issuer,
    client,
    db,
    users,
    profiles: profilesIn(db),
    devices: devicesIn(db),
    erase: eraseUser({ users, erasers: erasersIn(db) }),
    serve,
    later: (days: number): void => void (daysLater += days),
    stop: async () => {
      for (const stop of stops) await stop()
      await issuer.stop()
      await mongo.close()
      await client.dispose()
      await nodes.stop()
    },
  }
}

export const tokensIn = async (response: Response): Promise<TokenAnswer> =>
  TokenAnswer.parse(await response.json())

const Problem = z.object({ status: z.int(), detail: z.string() })

/** The problem that an answer is; throws if it is none. */
export const problemIn = async (response: Response) => {
  const type = response.headers.get('content-type')
  if (!type?.startsWith('application/problem+json')) throw new Error(`no problem, but ${type}`)
  return Problem.parse(await response.json())
}
