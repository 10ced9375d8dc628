import { EventStoreDBClient } from '@eventstore/db-client'
import { pino } from 'pino'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import {
  accessSettings,
  BadConfiguration,
  parseConfig,
  processSettings,
  publicUrlOf,
} from '../service/config.ts'
import type { Check } from '../service/checks.ts'
import { accessFor } from './accessFor.ts'

const schema = z.object({ ...processSettings, ...accessSettings })
const settingsOf = (env: Readonly<Record<string, string>>) => parseConfig(schema, env)

describe('settings of who is asking', () => {
  it.each([
    [{}, 'http://127.0.0.1:4000'],
    [{ HOST: '0.0.0.0', API_PORT: '4001' }, 'http://127.0.0.1:4001'],
    [{ HOST: '::' }, 'http://127.0.0.1:4000'],
    [{ HOST: '::1' }, 'http://[::1]:4000'],
    [{ HOST: '10.0.0.7', PUBLIC_URL: 'https://shop.example/' }, 'https://shop.example'],
    [{ PUBLIC_URL: 'https://example.org/shop' }, 'https://example.org/shop'],
  ])('%o: people reach the API at %s', (env, url) => expect(publicUrlOf(settingsOf(env))).toBe(url))

  it.each([
    ['AUTH_MODE', 'none'],
    ['PUBLIC_URL', 'shop.example'],
    ['PUBLIC_URL', 'https://me:secret@shop.example'],
    ['AUTH_JWKS_URL', 'file:///etc/passwd'],
  ])('%s=%s is a mistake', (name, value) => {
    expect(() => settingsOf({ [name]: value })).toThrow(BadConfiguration)
    expect(() => settingsOf({ [name]: value })).toThrow(name)
  })
})

/** What a service says when it starts, and what it waits for. */
const started = async (env: Readonly<Record<string, string>>) => {
  const said: string[] = []
  const checks: Check[] = []
  const works: Promise<unknown>[] = []
  const stopping = new AbortController()
  // Nobody listens there.
  const client = EventStoreDBClient.connectionString('esdb://127.0.0.1:1?tls=false')
  const service = {
    settings: settingsOf(env),
    log: pino({ level: 'warn' }, { write: (line: string) => said.push(line) }),
    now: () => new Date(),
    signal: stopping.signal,
    check: (check: Check) => void checks.push(check),
    work: (_: string, work: Promise<unknown>) => void works.push(work),
  }
  accessFor(service, { client })
  const ready = await Promise.allSettled(checks.map(({ run }) => run()))
  stopping.abort()
  await Promise.allSettled(works)
  await client.dispose()
  return { said: said.filter((line) => line.includes('AUTH_MODE')), ready: ready.map(({ status }) => status) }
}

describe('a service that believes X-User-ID', () => {
  it('warns where anybody may reach it', async () => {
    const { said, ready } = await started({ HOST: '0.0.0.0' })
    expect(said).toEqual([expect.stringContaining('whoever reaches this port may say that they are anybody')])
    expect(ready).toEqual([])
  })
  it.each(['127.0.0.1', '::1', 'localhost'])(
    'says nothing where only its own machine can (%s)',
    async (HOST) => expect((await started({ HOST })).said).toEqual([]),
  )
})

it('a service that believes tokens is not ready before it knows who has signed out', async () =>
  expect(await started({ AUTH_MODE: 'jwt', HOST: '0.0.0.0' })).toEqual({ said: [], ready: ['rejected'] }))
